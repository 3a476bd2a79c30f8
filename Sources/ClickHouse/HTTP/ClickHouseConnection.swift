import Blocking
import CCurl
import Glibc

/// A blocking, kept-alive HTTP connection to ClickHouse. Not Sendable: it belongs to one thread at a time.
///
/// A request is never sent twice behind the caller's back: libcurl would repeat one that dies on a kept-alive
/// connection, but only if it could rewind the body, which it is not given the means to do. Such a request ends as
/// `.interrupted`.
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

  private let easy: UnsafeMutableRawPointer
  private let multi: UnsafeMutableRawPointer
  private let transfer = Transfer()
  private let fixedHeaders: UnsafeMutablePointer<curl_slist>?
  private let chunkedHeaders: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>

  /// How soon a raised cancellation flag is seen, in milliseconds.
  private static let pollMs: Int32 = 50

  /// Once a process, before the first handle. SIGPIPE would kill the process when a TLS peer goes away, since libcurl
  /// with NOSIGNAL does not block it; the default action is of no use to a server.
  private static let prepareProcess: Void = {
    precondition(curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, "libcurl cannot be initialized")
    var current = sigaction()
    sigaction(SIGPIPE, nil, &current)
    if current.__sigaction_handler.sa_handler == nil { signal(SIGPIPE, SIG_IGN) }
  }()

  package init(_ configuration: ClickHouseConfiguration) {
    _ = Self.prepareProcess
    guard let easy = curl_easy_init(), let multi = curl_multi_init() else { preconditionFailure("out of memory") }
    self.configuration = configuration
    self.easy = easy
    self.multi = multi
    requestTimeoutMs = configuration.requestTimeoutMs
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    var headers = ["X-ClickHouse-User: \(configuration.user)", "Expect:", "Content-Type: application/octet-stream"]
    if !configuration.password.isEmpty { headers.append("X-ClickHouse-Key: \(configuration.password)") }
    if !configuration.database.isEmpty { headers.append("X-ClickHouse-Database: \(configuration.database)") }
    fixedHeaders = headers.reduce(nil) { curl_slist_append($0, $1) }
    chunkedHeaders = (headers + ["Transfer-Encoding: chunked"]).reduce(nil) { curl_slist_append($0, $1) }

    transfer.install(on: easy)
    _ = kt_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, 1)
    _ = kt_setopt_ptr(easy, CURLOPT_ERRORBUFFER, errorText)
    _ = kt_setopt_long(easy, CURLOPT_NOSIGNAL, 1)
    _ = kt_setopt_long(easy, CURLOPT_POST, 1)
    _ = kt_setopt_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    _ = kt_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeoutMs)
    _ = kt_setopt_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    _ = kt_setopt_long(easy, CURLOPT_BUFFERSIZE, 256 << 10)
    _ = kt_setopt_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10)
    _ = kt_setopt_str(easy, CURLOPT_PROXY, "")
    _ = kt_setopt_str(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    _ = kt_setopt_str(easy, CURLOPT_USERAGENT, "kartoteka")
  }

  deinit {
    curl_multi_cleanup(multi)
    curl_easy_cleanup(easy)
    curl_slist_free_all(fixedHeaders)
    curl_slist_free_all(chunkedHeaders)
    errorText.deallocate()
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
  package static let nothingYet = Int(CURL_READFUNC_PAUSE)

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
    let cancellation = cancellation ?? self.cancellation
    if cancellation?.isRaised == true { return .failure(.cancelled) }
    _ = kt_setopt_str(easy, CURLOPT_URL, url.text)
    _ = kt_setopt_long(easy, CURLOPT_TIMEOUT_MS, requestTimeoutMs)
    switch body {
    case .bytes(let bytes):
      _ = kt_setopt_slist(easy, CURLOPT_HTTPHEADER, fixedHeaders)
      _ = kt_setopt_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
    case .source:
      _ = kt_setopt_slist(easy, CURLOPT_HTTPHEADER, chunkedHeaders)
      _ = kt_setopt_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, -1)
    }
    errorText[0] = 0
    return withoutActuallyEscaping(onData) { onData in
      transfer.begin(body: body, compressed: compressed, onData: onData)
      defer { transfer.end() }
      guard let code = run(cancellation) else { return .failure(.cancelled) }
      var requestBytes = 0
      _ = kt_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &requestBytes)
      if let error = transfer.outcome(problem: problem(code), sent: requestBytes > 0) { return .failure(error) }
      return .success(transfer.summary)
    }
  }

  /// Drives the transfer to its end; nil if it was cancelled, in which case its connection is closed.
  private func run(_ cancellation: CancellationFlag?) -> CURLcode? {
    precondition(curl_multi_add_handle(multi, easy) == CURLM_OK, "a connection is used by two threads at once")
    defer { curl_multi_remove_handle(multi, easy) }
    while true {
      var running: Int32 = 0
      guard curl_multi_perform(multi, &running) == CURLM_OK else { return CURLE_FAILED_INIT }
      var pending: Int32 = 0
      while let message = curl_multi_info_read(multi, &pending) {
        if message.pointee.msg == CURLMSG_DONE { return message.pointee.data.result }
      }
      if cancellation?.isRaised == true { return nil }
      curl_multi_poll(multi, nil, 0, Self.pollMs, nil)
    }
  }

  private func problem(_ code: CURLcode) -> String? {
    guard code != CURLE_OK else { return nil }
    let words = errorText[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    if code == CURLE_SEND_FAIL_REWIND { return "\(configuration.url): the server closed the kept-alive connection" }
    return "\(configuration.url): \(words)"
  }
}
