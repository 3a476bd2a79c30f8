import CCurl

/// What is asked of a server, but for the body's bytes, which an ``HTTPExchange`` hands out.
package struct HTTPRequest {
  package enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case patch = "PATCH"
    case delete = "DELETE"

    var hasBody: Bool { self == .put || self == .post || self == .patch }
  }

  package enum BodyLength: Sendable {
    case bytes(Int)
    /// Known only at its end; the headers must say `Transfer-Encoding: chunked`.
    case unknown
  }

  package let method: Method
  package let url: String
  package let headers: HTTPHeaders
  /// Of a PUT, POST or PATCH.
  package let body: BodyLength
  /// Time for the whole exchange, in milliseconds; 0 for no limit.
  package let timeoutMs: Int

  package init(_ method: Method, _ url: String, headers: HTTPHeaders, body: BodyLength = .bytes(0), timeoutMs: Int) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeoutMs = timeoutMs
  }
}

/// Lines of a request's head, kept as libcurl wants them. `Name:` without a value leaves out what libcurl would send.
package final class HTTPHeaders {
  let list: UnsafeMutablePointer<curl_slist>?

  package init(_ lines: [String]) {
    list = lines.reduce(nil) { curl_slist_append($0, $1) }
  }

  deinit { curl_slist_free_all(list) }
}
