import Blocking
import HTTPClient

/// A blocking, kept-alive HTTP connection to ClickHouse. Not Sendable: it belongs to one thread at a time.
///
/// A request is never sent twice behind the caller's back, see ``HTTPConnection``: one that dies on a kept-alive connection
/// ends as `.interrupted`.
package final class ClickHouseConnection {
  package let configuration: ClickHouseConfiguration
  /// Time for a whole request and its answer, in milliseconds; 0 for no limit.
  package var requestTimeoutMs: Int
  /// Ends every request that is given no flag of its own with `.cancelled` when raised.
  package var cancellation: CancellationFlag?
  /// The server's account of the last request and the query id it ran under, also when it failed (as far as was
  /// answered).
  package var lastSummary: QuerySummary { transfer.summary }
  package var lastQueryID: String { transfer.queryID }

  private let http: HTTPConnection
  private let transfer = Transfer()
  private let fixedHeaders: HTTPHeaders
  private let chunkedHeaders: HTTPHeaders

  package init(_ configuration: ClickHouseConfiguration) {
    self.configuration = configuration
    requestTimeoutMs = configuration.requestTimeoutMs
    var headers = ["X-ClickHouse-User: \(configuration.user)", "Expect:", "Content-Type: application/octet-stream"]
    if !configuration.password.isEmpty { headers.append("X-ClickHouse-Key: \(configuration.password)") }
    if !configuration.database.isEmpty { headers.append("X-ClickHouse-Database: \(configuration.database)") }
    fixedHeaders = HTTPHeaders(headers)
    chunkedHeaders = HTTPHeaders(headers + ["Transfer-Encoding: chunked"])
    http = HTTPConnection(
      connectTimeoutMs: configuration.connectTimeoutMs, receiveBytes: 256 << 10, sendBytes: 512 << 10)
  }

  /// Runs one statement (sent as the request body) and returns the whole answer.
  /// - Parameters:
  ///   - parameters: values of the statement's `{name:Type}` placeholders.
  ///   - settings: ClickHouse settings for this request, over those of the configuration.
  ///   - queryID: the id the server shall know the query by.
  ///   - cancellation: ends the request with `.cancelled` when raised.
  @discardableResult
  package func execute(
    _ sql: String, parameters: [String: any ClickHouseParameter] = [:], settings: [String: String] = [:],
    queryID: String? = nil, cancellation: CancellationFlag? = nil
  ) throws(ClickHouseError) -> [UInt8] {
    var answer: [UInt8] = []
    let limit = configuration.maximumAnswerBytes
    var tooLarge = false
    do throws(ClickHouseError) {
      try stream(sql, parameters: parameters, settings: settings, queryID: queryID, cancellation: cancellation) {
        chunk in
        tooLarge = answer.count + chunk.count > limit
        if !tooLarge { answer.append(contentsOf: chunk) }
        return !tooLarge
      }
    } catch {
      throw tooLarge ? .protocolViolation("the answer is larger than \(limit) bytes; read it as a stream") : error
    }
    return answer
  }

  /// Runs one statement and passes the answer on as it arrives. `onChunk` returns false to end the request, which then
  /// throws `.cancelled`. If an error is thrown, the chunks passed on so far are the beginning of an answer, nothing
  /// more.
  @discardableResult
  package func stream(
    _ sql: String, parameters: [String: any ClickHouseParameter] = [:], settings: [String: String] = [:],
    queryID: String? = nil, cancellation: CancellationFlag? = nil, onChunk: (UnsafeRawBufferPointer) -> Bool
  ) throws(ClickHouseError) -> QuerySummary {
    var url = requestURL(settings: settings, queryID: queryID)
    for (name, value) in parameters { url.add("param_" + name, value.parameterText) }
    if configuration.compressedAnswers { url.add("compress", "1") }
    var sql = sql
    return try sql.withUTF8 { text in
      perform(
        url, body: .bytes(UnsafeRawBufferPointer(text)), compressed: configuration.compressedAnswers,
        cancellation: cancellation, onData: onChunk)
    }.get()
  }

  /// Inserts: `query` is an `INSERT … FORMAT Native` (it travels in the URL), `frames` the compressed frames of its
  /// blocks. Returns once the server has written them.
  @discardableResult
  package func insert(
    _ query: String, frames: UnsafeRawBufferPointer, settings: [String: String] = [:], queryID: String? = nil,
    cancellation: CancellationFlag? = nil
  ) throws(ClickHouseError) -> InsertSummary {
    var url = insertURL(query, settings: settings, queryID: queryID)
    url.add("decompress", "1")
    return try perform(url, body: .bytes(frames), compressed: false, cancellation: cancellation) { _ in true }.get()
  }

  /// What a source of an INSERT returns when no more will come, though the data is not at its end: the request waits, and
  /// ends by its timeout.
  package static let nothingYet = HTTPConnection.nothingYet

  /// Inserts uncompressed data in any format, from a source that fills the buffer it is given and returns how many
  /// bytes it wrote, 0 at the end, or `nothingYet`. To give up halfway, raise `cancellation`: the server then drops the block that was
  /// begun.
  @discardableResult
  package func insert(
    _ query: String, settings: [String: String] = [:], queryID: String? = nil, cancellation: CancellationFlag? = nil,
    source: (UnsafeMutableRawBufferPointer) -> Int
  ) throws(ClickHouseError) -> InsertSummary {
    let url = insertURL(query, settings: settings, queryID: queryID)
    return try withoutActuallyEscaping(source) { source in
      perform(url, body: .source(source), compressed: false, cancellation: cancellation) { _ in true }
    }.get()
  }

  private func requestURL(settings: [String: String], queryID: String?) -> RequestURL {
    var url = RequestURL(configuration.url)
    if let queryID { url.add("query_id", queryID) }
    for (name, value) in configuration.settings where settings[name] == nil { url.add(name, value) }
    for (name, value) in settings { url.add(name, value) }
    return url
  }

  private func insertURL(_ query: String, settings: [String: String], queryID: String?) -> RequestURL {
    // By default ClickHouse drops columns the table does not have, without a word.
    let strict = ["input_format_skip_unknown_fields": "0"].merging(settings) { _, given in given }
    var url = requestURL(settings: strict, queryID: queryID)
    url.add("wait_end_of_query", "1")
    url.add("query", query)
    return url
  }

  private func perform(
    _ url: RequestURL, body: Transfer.Body, compressed: Bool, cancellation: CancellationFlag?,
    onData: (UnsafeRawBufferPointer) -> Bool
  ) -> Result<QuerySummary, ClickHouseError> {
    let request: HTTPRequest
    switch body {
    case .bytes(let bytes):
      request = HTTPRequest(
        .post, url.text, headers: fixedHeaders, body: .bytes(bytes.count), timeoutMs: requestTimeoutMs)
    case .source:
      request = HTTPRequest(.post, url.text, headers: chunkedHeaders, body: .unknown, timeoutMs: requestTimeoutMs)
    }
    return withoutActuallyEscaping(onData) { onData in
      transfer.begin(body: body, compressed: compressed, onData: onData)
      defer { transfer.end() }
      let failure: HTTPFailure?
      switch http.perform(request, transfer, cancellation: cancellation ?? self.cancellation) {
      case .answered: failure = nil
      case .cancelled: return .failure(.cancelled)
      case .failed(let why): failure = why
      }
      let problem = failure.map { "\(configuration.url): \($0.detail)" }
      if let error = transfer.outcome(problem: problem, sent: failure?.hasSent ?? true) { return .failure(error) }
      return .success(transfer.summary)
    }
  }
}
