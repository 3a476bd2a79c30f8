import NIOCore
import NIOHTTP1
import ServiceContract

/// A request as the gateway took it, from its head to the end of its answer. Used on one event loop only.
final class ClientRequest {
  let id: String
  let head: HTTPRequestHead
  let arrival = NIODeadline.now()
  let framing: BodyFraming
  /// Whether its connection may serve another one.
  let keepsAlive: Bool
  /// Whether its client waits for a 100 before it sends the body.
  var isAwaitingContinue: Bool
  var client: ClientAddress
  /// The service it is for.
  var upstream: UpstreamName?
  var caller: ForwardedRequest.VerifiedCaller?
  /// The value of `RateLimit`; nil while it has not been counted.
  var rateLimit: String?
  /// Whether all of it has come.
  var hasEnded = false
  var bodyBytes = 0

  init(_ id: String, _ head: HTTPRequestHead, _ framing: BodyFraming, peer: ClientAddress) {
    self.id = id
    self.head = head
    self.framing = framing
    client = peer
    keepsAlive = head.version.minor >= 1 && head.isKeepAlive
    isAwaitingContinue = head.headers.contains(name: "expect") && framing != .none
  }

  var origin: String? { head.headers.first(name: "origin") }

  /// Whether to do it twice is to do it once (RFC 9110, 9.2.2).
  var isIdempotent: Bool {
    switch head.method {
    case .GET, .HEAD, .OPTIONS, .PUT, .DELETE: true
    default: false
    }
  }

  /// Whether its method usually has a body, so that none is worth saying.
  var isBodyExpected: Bool {
    switch head.method {
    case .POST, .PUT, .PATCH: true
    default: false
    }
  }

  var elapsed: Duration { .nanoseconds((NIODeadline.now() - arrival).nanoseconds) }

  var callerName: String {
    caller.map { "\($0.isManager ? "manager" : "learner"):\($0.id)" } ?? Caller.anonymous.name
  }
}
