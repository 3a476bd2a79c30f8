import NIOCore
import NIOHTTP1
import ServiceContract

/// A request as the gateway took it, from its head to the end of its answer. Used on one event loop only.
final class ClientRequest {
  let id: String
  let head: HTTPRequestHead
  let arrival: NIODeadline
  let fields: FieldsPresent
  let framing: BodyFraming
  /// Whether its connection may serve another one.
  let keepsAlive: Bool
  /// Whether its client waits for a 100 before it sends the body.
  var isAwaitingContinue: Bool
  var client: ClientAddress
  /// The service it is for.
  var upstream: Upstream?
  var caller: ForwardedRequest.VerifiedCaller?
  /// The value of `RateLimit`; nil while it has not been counted.
  var rateLimit: String?
  /// Whether all of it has come.
  var hasEnded = false
  var bodyBytes = 0

  init(
    _ id: String, _ head: HTTPRequestHead, _ fields: FieldsPresent, _ framing: BodyFraming, peer: ClientAddress,
    arrival: NIODeadline
  ) {
    self.id = id
    self.head = head
    self.fields = fields
    self.framing = framing
    self.arrival = arrival
    client = peer
    keepsAlive = head.version.minor >= 1 && head.isKeepAlive
    isAwaitingContinue = fields.contains(.expect) && framing != .none && head.headers.contains(name: "expect")
  }

  var origin: String? { fields.contains(.origin) ? head.headers.first(name: "origin") : nil }

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

  var callerName: String {
    caller.map { "\($0.isManager ? "manager" : "learner"):\($0.id)" } ?? Caller.anonymous.name
  }
}
