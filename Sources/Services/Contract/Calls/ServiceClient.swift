import Blocking
import HTTPClient
import Settings

/// Another service of the platform, as one of them calls it: with the services' secret, within what is left of the caller's
/// time, under the request's id and trace.
///
/// A bounded number of connections, each on a thread of its own, behind a queue that obeys deadlines. Cancelling a task ends
/// its request within 50 ms. Nothing that has a body is sent twice.
package final class ServiceClient: Sendable {
  private static let connectTimeoutMs = 3000
  /// The longest answer, where the caller does not say otherwise.
  package static let answerLimitBytes = 4 << 20

  private let address: String
  private let identity: ServiceIdentity
  private let pool: BlockingPool<HTTPConnection>

  /// - Parameters:
  ///   - address: `http://host:port`, as in `USERS_URL`.
  ///   - name: of the service that calls.
  ///   - connections: the most requests under way at once.
  ///   - queue: the most requests waiting for their turn; further ones are refused with `.overloaded`, as is one that would not
  ///     be answered by its deadline.
  package init(_ address: String, as name: String, _ secrets: TrustSecrets, connections: Int = 8, queue: Int = 256) {
    self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
    identity = ServiceIdentity(name: name, secret: secrets.service)
    pool = BlockingPool("call", threads: connections, queue: queue) {
      HTTPConnection(connectTimeoutMs: Self.connectTimeoutMs, receiveBytes: 16 << 10, sendBytes: 16 << 10)
    }
  }

  deinit { pool.close() }

  /// Ends the connections as they become free. Waiting requests, and all later ones, fail with `.cancelled`.
  package func close() { pool.close() }

  /// How many requests run and wait, and how many were refused.
  package var load: PoolLoad { pool.load }

  /// Sends a request and receives its answer, whatever its status is.
  /// - Parameters:
  ///   - path: below the address, encoded, from its first slash on.
  ///   - body: JSON.
  ///   - answerLimit: in bytes; a longer answer is `.protocolViolation`.
  ///   - context: of the request that this is a part of; its deadline is this one's.
  ///   - patience: the longest that this may take, where that is sooner.
  package func send(
    _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, answerLimit: Int = answerLimitBytes,
    context: CallContext, within patience: Duration? = nil
  ) async throws(ServiceCallError) -> ServiceAnswer {
    let url = address + path
    let deadline = patience.map { min(context.deadline, .now + $0) } ?? context.deadline
    let lines = identity.lines(context, hasBody: body != nil)
    let result: Result<ServiceAnswer, ServiceCallError>
    do throws(PoolRefusal) {
      result = try await pool.run(until: deadline) { connection, cancellation in
        Result { () throws(ServiceCallError) in
          try Self.send(method, url, lines, body ?? [], answerLimit, deadline, connection, cancellation)
        }
      }
    } catch {
      switch error {
      case .overloaded(let retryAfter): throw .overloaded(retryAfter: retryAfter)
      case .deadlineExceeded: throw .deadlineExceeded
      case .cancelled, .closed: throw .cancelled
      }
    }
    return try result.get()
  }

  private static func send(
    _ method: HTTPMethod, _ url: String, _ lines: [String], _ body: [UInt8], _ answerLimit: Int,
    _ deadline: ContinuousClock.Instant, _ connection: HTTPConnection, _ cancellation: CancellationFlag
  ) throws(ServiceCallError) -> ServiceAnswer {
    let left = (deadline - .now) / .milliseconds(1)
    guard left >= 1 else { throw .deadlineExceeded }
    let exchange = CallExchange(body: body, limitBytes: answerLimit)
    let request = HTTPRequest(
      method, url, headers: HTTPHeaders(lines + [ServiceIdentity.deadlineLine(in: deadline - .now)]),
      body: .bytes(body.count), timeoutMs: Int(left))
    switch connection.perform(request, exchange, cancellation: cancellation) {
    case .answered: return try exchange.answer()
    case .cancelled: throw .cancelled
    case .failed(let failure):
      if exchange.isTooLarge { throw .protocolViolation("the answer is longer than \(answerLimit) bytes") }
      // libcurl counts whole milliseconds, and may be early by one.
      guard deadline > .now + .milliseconds(5) else { throw .deadlineExceeded }
      throw failure.hasSent ? .interrupted(failure.reason) : .connection(failure.reason)
    }
  }
}

/// Of a call to another service.
package typealias HTTPMethod = HTTPClient.HTTPRequest.Method
