import Blocking
import CCurl
import Glibc

/// A blocking, kept-alive HTTP connection by libcurl. Not Sendable: it belongs to one thread at a time.
///
/// A request with a body is never sent twice behind the caller's back: libcurl would repeat one that dies on a kept-alive
/// connection, but only if it could rewind the body, which it is not given the means to do. One without a body it may send
/// once more, on a connection that was closed before the answer began.
package final class HTTPConnection {
  /// What a source of a body returns when no more will come, though it is not at its end: the request waits, and ends by its
  /// timeout.
  package static let nothingYet = Int(CURL_READFUNC_PAUSE)
  /// How soon a raised flag is seen, in milliseconds.
  private static let pollMs: Int32 = 50

  /// Once a process, before the first handle. SIGPIPE would kill the process when a TLS peer goes away, since libcurl
  /// with NOSIGNAL does not block it; the default action is of no use to a server.
  private static let prepareProcess: Void = {
    precondition(curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, "libcurl cannot be initialized")
    var current = sigaction()
    sigaction(SIGPIPE, nil, &current)
    if current.__sigaction_handler.sa_handler == nil { signal(SIGPIPE, SIG_IGN) }
  }()

  private let easy: UnsafeMutableRawPointer
  private let multi: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  /// Of the request under way.
  private var exchange: (any HTTPExchange)?

  /// - Parameters:
  ///   - connectTimeoutMs: time to establish a connection.
  ///   - receiveBytes: libcurl's buffer for answers.
  ///   - sendBytes: its buffer for bodies.
  package init(connectTimeoutMs: Int, receiveBytes: Int, sendBytes: Int) {
    _ = Self.prepareProcess
    guard let easy = curl_easy_init(), let multi = curl_multi_init() else { preconditionFailure("out of memory") }
    self.easy = easy
    self.multi = multi
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    _ = kt_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, 1)
    _ = kt_setopt_ptr(easy, CURLOPT_ERRORBUFFER, errorText)
    _ = kt_setopt_long(easy, CURLOPT_NOSIGNAL, 1)
    _ = kt_setopt_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    _ = kt_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeoutMs)
    _ = kt_setopt_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    _ = kt_setopt_long(easy, CURLOPT_PATH_AS_IS, 1)
    _ = kt_setopt_long(easy, CURLOPT_BUFFERSIZE, receiveBytes)
    _ = kt_setopt_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, sendBytes)
    _ = kt_setopt_str(easy, CURLOPT_PROXY, "")
    _ = kt_setopt_str(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    _ = kt_setopt_str(easy, CURLOPT_USERAGENT, "kartoteka")
    installCallbacks()
  }

  deinit {
    curl_multi_cleanup(multi)
    curl_easy_cleanup(easy)
    errorText.deallocate()
  }

  /// Sends a request and receives its answer, both through `exchange`.
  /// - Parameter cancellation: raised, ends the request within 50 ms.
  package func perform(
    _ request: HTTPRequest, _ exchange: any HTTPExchange, cancellation: CancellationFlag?
  ) -> HTTPEnding {
    if cancellation?.isRaised == true { return .cancelled }
    prepare(request)
    self.exchange = exchange
    defer { self.exchange = nil }
    guard let code = run(cancellation) else { return .cancelled }
    guard code != CURLE_OK else { return .answered }
    var requestBytes = 0
    _ = kt_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &requestBytes)
    return .failed(failure(code, hasSent: requestBytes > 0))
  }

  private func prepare(_ request: HTTPRequest) {
    _ = kt_setopt_str(easy, CURLOPT_URL, request.url)
    _ = kt_setopt_slist(easy, CURLOPT_HTTPHEADER, request.headers.list)
    _ = kt_setopt_long(easy, CURLOPT_TIMEOUT_MS, request.timeoutMs)
    if request.method.hasBody {
      _ = kt_setopt_long(easy, CURLOPT_POST, 1)
      switch request.body {
      case .bytes(let count): _ = kt_setopt_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(count))
      case .unknown: _ = kt_setopt_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, -1)
      }
    } else {
      _ = kt_setopt_long(easy, CURLOPT_HTTPGET, 1)
      if request.method == .head { _ = kt_setopt_long(easy, CURLOPT_NOBODY, 1) }
    }
    // Where it differs from what the options above mean.
    let isNamed = [.put, .patch, .delete].contains(request.method)
    _ = kt_setopt_str(easy, CURLOPT_CUSTOMREQUEST, isNamed ? request.method.rawValue : nil)
    errorText[0] = 0
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

  private func failure(_ code: CURLcode, hasSent: Bool) -> HTTPFailure {
    // The body cannot be rewound, which is how libcurl notices.
    let reason =
      code == CURLE_SEND_FAIL_REWIND
      ? "the server closed the kept-alive connection" : String(cString: curl_easy_strerror(code))
    let detail = code == CURLE_SEND_FAIL_REWIND || errorText[0] == 0 ? reason : String(cString: errorText)
    return HTTPFailure(reason: reason, detail: detail, hasSent: hasSent)
  }

  // MARK: libcurl's callbacks

  private func installCallbacks() {
    let this = Unmanaged.passUnretained(self).toOpaque()
    _ = kt_setopt_read(easy) { buffer, size, count, this in
      HTTPConnection.exchange(of: this)?.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        ?? 0
    }
    _ = kt_setopt_ptr(easy, CURLOPT_READDATA, this)
    _ = kt_setopt_write(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, this in
      let taken = HTTPConnection.exchange(of: this)?.write(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return taken == true ? size * count : 0
    }
    _ = kt_setopt_ptr(easy, CURLOPT_WRITEDATA, this)
    _ = kt_setopt_write(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, this in
      HTTPConnection.exchange(of: this)?.header(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    _ = kt_setopt_ptr(easy, CURLOPT_HEADERDATA, this)
  }

  private static func exchange(of this: UnsafeMutableRawPointer?) -> (any HTTPExchange)? {
    this.flatMap { Unmanaged<HTTPConnection>.fromOpaque($0).takeUnretainedValue().exchange }
  }
}
