import CHiredis

/// Puts a reply together from its parts, which come in order; arrays close themselves when they have all their elements.
final class ReplyBuilder {
  private struct OpenArray {
    let count: Int
    var elements: [RedisValue] = []
  }

  let limit: Int
  private var left: Int
  private var open: [OpenArray] = []
  private var whole: RedisValue?
  /// Whether a value was refused because there were too many.
  private(set) var isFull = false

  init(limit: Int) {
    self.limit = limit
    left = limit
  }

  static func of(_ task: UnsafePointer<redisReadTask>?) -> ReplyBuilder {
    guard let this = task?.pointee.privdata else { preconditionFailure("hiredis passes the reader's private data on") }
    return Unmanaged<ReplyBuilder>.fromOpaque(this).takeUnretainedValue()
  }

  func beginExchange() { left = limit }

  /// The reply that has just become whole.
  func take() -> RedisValue? {
    defer { whole = nil }
    return whole
  }

  /// - Parameter type: hiredis's, of a value that is made of bytes.
  func string(_ bytes: UnsafeRawBufferPointer, type: Int32) -> UnsafeMutableRawPointer? {
    switch type {
    case REDIS_REPLY_STATUS: add(.status(String(decoding: bytes, as: UTF8.self)))
    case REDIS_REPLY_ERROR: add(.error(RedisServerError(reply: String(decoding: bytes, as: UTF8.self))))
    default: add(.bulk([UInt8](bytes)))
    }
  }

  func array(_ count: Int) -> UnsafeMutableRawPointer? {
    guard count > 0 else { return add(.array([])) }
    guard hasRoom() else { return nil }
    // Room is made as elements come: a count is only a claim.
    open.append(OpenArray(count: count))
    return Unmanaged.passUnretained(self).toOpaque()
  }

  /// - Returns: nil, which hiredis takes for an error, if there are too many.
  func add(_ value: RedisValue) -> UnsafeMutableRawPointer? {
    guard hasRoom() else { return nil }
    var value = value
    while let last = open.indices.last {
      open[last].elements.append(value)
      guard open[last].elements.count == open[last].count else { return Unmanaged.passUnretained(self).toOpaque() }
      value = .array(open.removeLast().elements)
    }
    whole = value
    return Unmanaged.passUnretained(self).toOpaque()
  }

  private func hasRoom() -> Bool {
    left -= 1
    if left < 0 { isFull = true }
    return !isFull
  }
}
