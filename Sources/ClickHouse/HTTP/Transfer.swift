import HTTPClient

/// One exchange: hands out the request body, reads the answer's headers, sorts the answer's bytes into data and exception.
/// Owned by a connection and used again for each request.
final class Transfer: HTTPExchange {
  /// The request body: bytes in memory, or a source that fills the buffer it is given and returns 0 at the end.
  enum Body {
    case bytes(UnsafeRawBufferPointer)
    case source((UnsafeMutableRawBufferPointer) -> Int)
  }

  /// What the answer to a failed request may take; further bytes are dropped.
  private static let errorBodyLimit = 1 << 20

  private var body = Body.bytes(UnsafeRawBufferPointer(start: nil, count: 0))
  private var bodyOffset = 0
  private var onData: (UnsafeRawBufferPointer) -> Bool = { _ in true }
  private var decompressor: FrameDecompressor?
  private var tail = ExceptionTail()
  private var errorBody: [UInt8] = []
  private var exceptionTag: String?
  private var hasAllHeaders = false
  private var hasMarkedEnd = false
  private var refused = false
  private var violation: ClickHouseError?

  private(set) var status = 0
  private(set) var exceptionCode: Int?
  private(set) var summary = QuerySummary()
  private(set) var queryID = ""

  func begin(body: Body, compressed: Bool, onData: @escaping (UnsafeRawBufferPointer) -> Bool) {
    self.body = body
    self.onData = onData
    bodyOffset = 0
    decompressor = compressed ? FrameDecompressor() : nil
    tail = ExceptionTail()
    errorBody.removeAll(keepingCapacity: true)
    exceptionTag = nil
    hasAllHeaders = false
    hasMarkedEnd = false
    refused = false
    violation = nil
    status = 0
    exceptionCode = nil
    summary = QuerySummary()
    queryID = ""
  }

  /// Drops what the caller lent.
  func end() {
    body = .bytes(UnsafeRawBufferPointer(start: nil, count: 0))
    onData = { _ in true }
  }

  private var isFailure: Bool { exceptionCode != nil || status != 200 }

  // MARK: The exchange

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    switch body {
    case .bytes(let bytes):
      let count = min(target.count, bytes.count - bodyOffset)
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[bodyOffset..<bodyOffset + count]))
      bodyOffset += count
      return count
    case .source(let fill): return fill(target)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard !isFailure else {
      errorBody.append(contentsOf: bytes.prefix(Self.errorBodyLimit - errorBody.count))
      return true
    }
    if decompressor == nil {
      tail.feed(bytes, emit: emit)
    } else {
      do throws(ClickHouseError) {
        try decompressor!.feed(bytes) { tail.feed($0, emit: emit) }
      } catch {
        violation = error
      }
    }
    return !refused && violation == nil
  }

  private func emit(_ bytes: UnsafeRawBufferPointer) {
    if !refused { refused = !onData(bytes) }
  }

  func header(_ line: UnsafeRawBufferPointer) {
    switch HTTPHeaderLine(line).kind {
    case .status(let code):
      status = code
      hasAllHeaders = false
    case .end: hasAllHeaders = true
    case .field(let name, let value): field(name, value)
    case .other: break
    }
  }

  private func field(_ name: HTTPHeaderLine.Bytes, _ value: HTTPHeaderLine.Bytes) {
    func named(_ wanted: StaticString) -> Bool { HTTPHeaderLine.isNamed(name, wanted) }
    if named("Content-Length") || named("Transfer-Encoding") {
      hasMarkedEnd = true
    } else if named("X-ClickHouse-Exception-Code") {
      exceptionCode = Int(String(decoding: value, as: UTF8.self))
    } else if named("X-ClickHouse-Summary") {
      summary = QuerySummary(header: value)
    } else if named("X-ClickHouse-Exception-Tag") {
      exceptionTag = String(decoding: value, as: UTF8.self)
    } else if named("X-ClickHouse-Query-Id") {
      queryID = String(decoding: value, as: UTF8.self)
    }
  }

  // MARK: The outcome

  /// Judges the exchange after libcurl ended it. `problem`: libcurl's words if it failed; `sent`: whether any byte of
  /// the request left. Nil means success and that all data has been passed on.
  func outcome(problem: String?, sent: Bool) -> ClickHouseError? {
    if let violation { return violation }
    if refused { return .cancelled }
    if status == 0 {
      guard let problem else { return .interrupted("the server's answer has no status line") }
      return sent ? .interrupted(problem) : .connection(problem)
    }
    // libcurl takes an answer that ends within its headers, or has no length, for whole.
    let problem = problem ?? (hasAllHeaders ? nil : "the answer ends within its headers")
    if isFailure { return failure(problem) }
    guard hasMarkedEnd || problem != nil else {
      return .protocolViolation("the answer has no length, so whether it is whole cannot be told")
    }
    if let error = tail.finish(broken: problem != nil, tag: exceptionTag, emit: emit) { return error }
    if let problem { return .interrupted(problem) }
    if decompressor?.isAtBoundary == false {
      return .protocolViolation("the answer ends in the middle of a compressed frame")
    }
    return refused ? .cancelled : nil
  }

  private func failure(_ problem: String?) -> ClickHouseError {
    var text = errorBody
    if decompressor != nil, let plain = try? FrameDecompressor.decompress(errorBody) { text = plain }
    if let error = ServerException.parse(text, headerCode: exceptionCode) { return error }
    let words = String(decoding: text.prefix(200), as: UTF8.self)
    if status >= 500 || status == 408 || status == 429 {
      return .interrupted("HTTP status \(status) without a ClickHouse exception, as from a proxy: \(words)")
    }
    if let problem { return .interrupted(problem) }
    return .protocolViolation(
      "HTTP status \(status) without a ClickHouse exception; is this a ClickHouse HTTP port? \(words)")
  }
}
