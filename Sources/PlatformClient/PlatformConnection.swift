import Blocking
import HTTPClient

/// A blocking, kept-alive connection to the platform's gateway, and one to the store of its images. Not Sendable: it belongs to
/// one thread at a time.
///
/// A call that has a body is never sent twice behind the caller's back; whether to repeat one is the caller's to decide, by
/// what its error says.
package final class PlatformConnection {
  private static let connectTimeoutMs = 2_000
  private static let answerLimit = 16 << 20

  private let gateway: String
  private let timeoutMs: Int
  private let http: HTTPConnection
  private let images: HTTPConnection
  private let cancellation: CancellationFlag?

  /// - Parameters:
  ///   - gateway: `http://host:port`.
  ///   - timeoutMs: for a call and its answer.
  ///   - cancellation: raised, ends the call under way.
  package init(_ gateway: String, timeoutMs: Int = 15_000, cancellation: CancellationFlag? = nil) {
    self.gateway = gateway.hasSuffix("/") ? String(gateway.dropLast()) : gateway
    self.timeoutMs = timeoutMs
    self.cancellation = cancellation
    http = Self.connection()
    images = Self.connection()
  }

  private static func connection() -> HTTPConnection {
    HTTPConnection(connectTimeoutMs: connectTimeoutMs, receiveBytes: 32 << 10, sendBytes: 32 << 10)
  }

  /// Sends a call and reads its answer.
  /// - Parameters:
  ///   - token: the caller's access token; nil for a stranger.
  ///   - time: the value of `X-Simulated-Time`; nil for the wall clock's.
  package func send<Answer>(
    _ call: PlatformCall<Answer>, token: String? = nil, time: String? = nil
  ) throws(PlatformError) -> Answer {
    // Without a value libcurl leaves out what it would say of a body: that it waits to be asked for it, or is a form.
    var lines = ["Accept: application/json", "Expect:"]
    lines.append(call.body == nil ? "Content-Type:" : "Content-Type: application/json")
    if let token { lines.append("Authorization: Bearer \(token)") }
    if let time { lines.append("X-Simulated-Time: \(time)") }
    if let ifMatch = call.ifMatch { lines.append("If-Match: \(ifMatch)") }
    if let key = call.idempotencyKey { lines.append("Idempotency-Key: \(key)") }
    let exchange = try exchange(
      on: http, call.method, gateway + call.path, lines, Array((call.body?.text ?? "").utf8))
    guard exchange.status != 204 else { return try call.read(AnswerValue(.null)) }
    return try call.read(AnswerValue(exchange.body))
  }

  /// Uploads an image to where the platform said.
  package func put(_ bytes: [UInt8], to upload: ImageUpload) throws(PlatformError) {
    _ = try exchange(
      on: images, .put, upload.url, upload.headers.map { "\($0.name): \($0.value)" } + ["Expect:"], bytes)
  }

  /// - Throws: also for an answer that is an error.
  private func exchange(
    on connection: HTTPConnection, _ method: HTTPRequest.Method, _ url: String, _ lines: [String], _ body: [UInt8]
  ) throws(PlatformError) -> BufferedExchange {
    let exchange = BufferedExchange(body: body, limit: Self.answerLimit)
    let request = HTTPRequest(
      method, url, headers: HTTPHeaders(lines), body: .bytes(body.count), timeoutMs: timeoutMs)
    let ending = connection.perform(request, exchange, cancellation: cancellation)
    if exchange.isTooLarge { throw .malformed("it has more than \(Self.answerLimit) bytes") }
    switch ending {
    case .answered: break
    case .cancelled: throw .cancelled
    case .failed(let failure): throw failure.hasSent ? .interrupted(failure.reason) : .connection(failure.reason)
    }
    guard exchange.status != 0 else { throw .malformed("it has no status line") }
    // libcurl takes an answer that ends within its head for whole, and one that has no length.
    guard exchange.hasHead else { throw .interrupted("the answer ends within its head") }
    guard !exchange.isError else { throw Self.refusal(exchange) }
    guard exchange.hasLength else { throw .malformed("it has no length, so whether it is whole cannot be told") }
    return exchange
  }

  private static func refusal(_ exchange: BufferedExchange) -> PlatformError {
    let error = try? AnswerValue(exchange.body).optional("error")
    let details = (try? error?.optional("details")?.array())?.first
    var message = (try? error?.member("message").text()) ?? "no reason was given"
    if let path = try? details?.member("path").text(), let reason = try? details?.member("message").text() {
      message += " \(path) \(reason)"
    }
    return .refused(
      status: exchange.status, code: (try? error?.member("code").text()) ?? "", message: String(message.prefix(500)),
      retryAfterSeconds: exchange.headers["retry-after"].flatMap { Int($0) })
  }
}
