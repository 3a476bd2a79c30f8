import Blocking
import CivilTime
import HTTPClient

/// A blocking, kept-alive connection to a store. Not Sendable: it belongs to one thread at a time. It follows no redirects and
/// repeats nothing that has a body.
final class S3Connection {
  private let configuration: ObjectStoreConfiguration
  private let http: HTTPConnection
  private let clock: @Sendable () -> Instant

  /// By how much libcurl's timer may be early: it counts whole milliseconds.
  private static let timerSlack = Duration.milliseconds(5)

  init(_ configuration: ObjectStoreConfiguration, clock: @escaping @Sendable () -> Instant) {
    self.configuration = configuration
    self.clock = clock
    http = HTTPConnection(
      connectTimeoutMs: configuration.connectTimeoutMs, receiveBytes: 64 << 10, sendBytes: 64 << 10)
  }

  /// Signs the request, sends it, and receives its answer.
  func send(
    _ request: S3Request, until deadline: ContinuousClock.Instant, _ cancellation: CancellationFlag
  ) throws(ObjectStoreError) -> S3Answer {
    let left = (deadline - .now) / .milliseconds(1)
    guard left >= 1 else { throw .deadlineExceeded }
    let exchange = BufferedExchange(body: request.body, limit: request.answerLimit)
    let ending = http.perform(
      HTTPRequest(
        request.method, request.url(configuration),
        headers: HTTPHeaders(request.signedLines(configuration, at: clock())), body: .bytes(request.body.count),
        timeoutMs: Int(left)), exchange, cancellation: cancellation)
    if exchange.isTooLarge { throw .tooLarge(limit: request.answerLimit) }
    switch ending {
    case .answered: break
    case .cancelled: throw .cancelled
    case .failed(let failure):
      guard deadline > .now + Self.timerSlack else { throw .deadlineExceeded }
      throw failure.hasSent ? .interrupted(failure.reason) : .connection(failure.reason)
    }
    guard exchange.status != 0 else { throw .protocolViolation("the answer has no status line") }
    // libcurl takes an answer that ends within its head for whole, and one that has no length.
    guard exchange.hasHead else { throw .interrupted("the answer ends within its head") }
    guard exchange.hasLength || request.method == .head else {
      throw .protocolViolation("the answer has no length, so whether it is whole cannot be told")
    }
    if exchange.isError { throw Self.refusal(exchange) }
    return S3Answer(status: exchange.status, headers: exchange.headers, body: exchange.body)
  }

  private static func refusal(_ exchange: BufferedExchange) -> ObjectStoreError {
    if let root = try? XMLReader.read(exchange.body), let error = ObjectStoreError(root, status: exchange.status) {
      return error
    }
    // A HEAD has no body, and what stands between may answer in words of its own.
    if exchange.status == 404, exchange.body.isEmpty { return .notFound }
    return .server(code: "HTTP \(exchange.status)", status: exchange.status, message: "no reason was given")
  }
}

extension ObjectStoreError {
  /// Nil if it is no error's element.
  init?(_ root: XMLElement, status: Int) {
    guard root.name == "Error", let code = root["Code"]?.text, !code.isEmpty else { return nil }
    if code == "NoSuchKey" {
      self = .notFound
    } else {
      self = .server(
        code: String(code.prefix(64)), status: status, message: String((root["Message"]?.text ?? "").prefix(200)))
    }
  }
}
