import HTTPService
import HTTPTypes

/// Why a service gave no answer. The name is the same in the answer's body, in the log and in the metrics.
package enum UpstreamFailure: String, CaseIterable, Sendable {
  /// No connection came about: nothing was sent.
  case connect
  /// The connection broke, or what came over it was no HTTP: the service may have done what was asked.
  case reset
  case timeoutHead = "timeout_head"
  /// The answer began, and then nothing came for too long.
  case timeoutIdle = "timeout_idle"
  /// It has failed so often that it is not asked for a moment: nothing was sent.
  case breaker
  /// All connections are in use, and enough requests wait for one: nothing was sent.
  case saturated

  /// 503 where the service has seen nothing of the request, so that it may be repeated without harm.
  package func failure(_ upstream: UpstreamName, retryAfterSeconds: Int64 = 1) -> RequestFailure {
    let (status, code, message): (HTTPResponse.Status, String, String) =
      switch self {
      case .connect: (.serviceUnavailable, "UPSTREAM_UNREACHABLE", "cannot be reached now; nothing was done")
      case .reset: (.badGateway, "UPSTREAM_RESET", "broke off; what was asked for may have been done")
      case .timeoutHead: (.gatewayTimeout, "UPSTREAM_TIMEOUT", "did not answer in time; it may still do what was asked")
      case .timeoutIdle: (.gatewayTimeout, "UPSTREAM_STALLED", "stopped in the middle of its answer")
      case .breaker: (.serviceUnavailable, "UPSTREAM_UNAVAILABLE", "has failed too often just now; nothing was done")
      case .saturated: (.serviceUnavailable, "UPSTREAM_SATURATED", "is busy to its limit; nothing was done")
      }
    return RequestFailure(
      status, code: code, message: "The service \(upstream.rawValue) \(message).",
      details: [Problem("upstream", upstream.rawValue), Problem("cause", rawValue)],
      headers: status == .serviceUnavailable ? [.retryAfter: String(max(1, retryAfterSeconds))] : [:])
  }
}
