import HTTPClient

/// One exchange with a store: hands out the body, keeps what comes back as far as it is bounded.
final class S3Exchange: HTTPExchange {
  /// What an answer that is an error may take; what is beyond is dropped.
  private static let errorLimit = 64 << 10

  private let request: [UInt8]
  private var sent = 0
  private let limit: Int
  private(set) var hasHead = false
  private(set) var status = 0
  private(set) var headers: [String: String] = [:]
  private(set) var body: [UInt8] = []
  private(set) var isTooLarge = false

  /// - Parameters:
  ///   - body: of the request.
  ///   - limit: the most bytes taken of an answer that is no error.
  init(body: [UInt8], limit: Int) {
    request = body
    self.limit = limit
  }

  var isError: Bool { !(200..<300).contains(status) }
  /// Whether it said where it ends.
  var hasLength: Bool { headers["content-length"] != nil || headers["transfer-encoding"] != nil || status == 204 }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, request.count - sent)
    request.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count])) }
    sent += count
    return count
  }

  func header(_ line: UnsafeRawBufferPointer) {
    switch HTTPHeaderLine(line).kind {
    case .status(let code):
      status = code
      headers = [:]
      hasHead = false
    case .end: hasHead = true
    case .field(let name, let value):
      headers[String(decoding: name, as: UTF8.self).lowercased()] = String(decoding: value, as: UTF8.self)
    case .other: break
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if isError {
      body.append(contentsOf: bytes.prefix(Self.errorLimit - body.count))
      return true
    }
    isTooLarge = body.count + bytes.count > limit || headers["content-length"].flatMap { Int($0) } ?? 0 > limit
    if !isTooLarge { body.append(contentsOf: bytes) }
    return !isTooLarge
  }
}
