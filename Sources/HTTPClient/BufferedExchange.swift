/// An exchange whose body is handed out from memory, and whose answer is kept in memory as far as it is bounded.
package final class BufferedExchange: HTTPExchange {
  /// What an answer that is an error may take; what is beyond is dropped.
  private static let errorLimit = 64 << 10

  private let request: [UInt8]
  private var sent = 0
  private let limit: Int
  /// Whether the answer's head came to its end.
  package private(set) var hasHead = false
  /// 0 while there is no status line.
  package private(set) var status = 0
  /// By their names in small letters; of one that comes twice, the last.
  package private(set) var headers: [String: String] = [:]
  package private(set) var body: [UInt8] = []
  package private(set) var isTooLarge = false

  /// - Parameters:
  ///   - body: of the request.
  ///   - limit: the most bytes taken of an answer that is no error.
  package init(body: [UInt8], limit: Int) {
    request = body
    self.limit = limit
  }

  package var isError: Bool { !(200..<300).contains(status) }
  /// Whether it said where it ends.
  package var hasLength: Bool {
    headers["content-length"] != nil || headers["transfer-encoding"] != nil || status == 204
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, request.count - sent)
    request.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count])) }
    sent += count
    return count
  }

  package func header(_ line: UnsafeRawBufferPointer) {
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

  package func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if isError {
      body.append(contentsOf: bytes.prefix(Self.errorLimit - body.count))
      return true
    }
    isTooLarge = body.count + bytes.count > limit || headers["content-length"].flatMap { Int($0) } ?? 0 > limit
    if !isTooLarge { body.append(contentsOf: bytes) }
    return !isTooLarge
  }
}
