import HTTPClient

/// One exchange with another service: hands out the body, keeps the answer as far as it is bounded.
final class CallExchange: HTTPExchange {
  private let request: [UInt8]
  private let limitBytes: Int
  private var sent = 0
  private var hasHead = false
  private var hasLength = false
  private var status = 0
  private var retryAfter: String?
  private var body: [UInt8] = []
  private(set) var isTooLarge = false

  /// - Parameter limitBytes: of the answer.
  init(body: [UInt8], limitBytes: Int) {
    request = body
    self.limitBytes = limitBytes
  }

  /// Once libcurl has taken it for whole, which it does too for one without a length, or that ends within its head.
  func answer() throws(ServiceCallError) -> ServiceAnswer {
    guard status != 0 else { throw .protocolViolation("the answer has no status line") }
    guard hasHead else { throw .interrupted("the answer ends within its head") }
    guard hasLength || status == 204 || status == 304 else { throw .protocolViolation("the answer has no length") }
    return ServiceAnswer(status: status, body: body, retryAfter: retryAfter)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, request.count - sent)
    request.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count])) }
    sent += count
    return count
  }

  func header(_ line: UnsafeRawBufferPointer) {
    switch HTTPHeaderLine(line).kind {
    case .status(let code): (status, hasHead, hasLength, retryAfter) = (code, false, false, nil)
    case .end: hasHead = true
    case .field(let name, let value):
      if HTTPHeaderLine.isNamed(name, "retry-after") { retryAfter = String(decoding: value, as: UTF8.self) }
      if HTTPHeaderLine.isNamed(name, "content-length") || HTTPHeaderLine.isNamed(name, "transfer-encoding") {
        hasLength = true
      }
    case .other: break
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    isTooLarge = body.count + bytes.count > limitBytes
    if !isTooLarge { body.append(contentsOf: bytes) }
    return !isTooLarge
  }
}
