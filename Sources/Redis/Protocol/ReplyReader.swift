import CHiredis

/// Bytes from a server become replies: hiredis parses, ``ReplyBuilder`` keeps. After an error it is of no more use.
package final class ReplyReader {
  private let reader: UnsafeMutablePointer<redisReader>
  private let builder: ReplyBuilder

  /// Hands what hiredis has parsed to the builder, which travels as private data. hiredis needs something that is not nil
  /// for each, and is given the builder; there is nothing to free. Written once, before it is first read.
  private static nonisolated(unsafe) let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
    let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
    functions.initialize(to: redisReplyObjectFunctions())
    functions.pointee.createString = { task, bytes, count in
      ReplyBuilder.of(task).string(UnsafeRawBufferPointer(start: bytes, count: count), type: task!.pointee.type)
    }
    functions.pointee.createArray = { task, count in ReplyBuilder.of(task).array(Int(count)) }
    functions.pointee.createInteger = { task, number in ReplyBuilder.of(task).add(.integer(Int(number))) }
    functions.pointee.createNil = { task in ReplyBuilder.of(task).add(.null) }
    functions.pointee.freeObject = { _ in }
    return functions
  }()

  /// - Parameter maximumValues: how many values all replies together may be made of; more is an error.
  package init(maximumValues: Int) {
    builder = ReplyBuilder(limit: maximumValues)
    guard let reader = redisReaderCreateWithFunctions(Self.functions) else { preconditionFailure("out of memory") }
    self.reader = reader
    reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
  }

  deinit { redisReaderFree(reader) }

  package func feed(_ bytes: UnsafeRawBufferPointer) throws(StreamFailure) {
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    guard redisReaderFeed(reader, start, bytes.count) == REDIS_OK else { throw failure }
  }

  /// The next whole reply; nil until more is fed.
  package func next() throws(StreamFailure) -> RedisValue? {
    var made: UnsafeMutableRawPointer?
    guard redisReaderGetReply(reader, &made) == REDIS_OK else { throw failure }
    return made == nil ? nil : builder.take()
  }

  /// Whether nothing was fed that no reply has been made of.
  package var isEmpty: Bool { reader.pointee.pos == reader.pointee.len }

  /// Counts the values anew.
  func beginExchange() { builder.beginExchange() }

  private var failure: StreamFailure {
    if builder.isFull { return .protocolViolation("the reply has more than \(builder.limit) values") }
    let words = withUnsafeBytes(of: reader.pointee.errstr) { $0.prefix { $0 != 0 }.map { $0 } }
    return .protocolViolation(String(decoding: words, as: UTF8.self))
  }
}
