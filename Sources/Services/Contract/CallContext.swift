import HTTPService
import Hummingbird

/// A request to a service: who asks, until when it must be answered, and what it belongs to.
package struct CallContext: IdentifiedRequestContext {
  package var coreContext: CoreRequestContextStorage
  package var requestID = ""
  package internal(set) var caller = Caller.anonymous
  /// Whether the gateway or another service brought the request, so that its headers are believed.
  package internal(set) var isVouchedFor = false
  package internal(set) var deadline = ContinuousClock.now
  /// When the request happens, in milliseconds since the Unix epoch: the time of all that is stored and told because of it.
  /// Not always the wall clock's; see ``RequestClock``.
  package internal(set) var now: Int64 = 0
  /// The header by which it is not, to be passed on.
  var simulatedTime: String?
  package internal(set) var traceParent: TraceParent?
  package let connection: ClientConnection

  package init(source: Source) {
    coreContext = .init(source: source)
    connection = ClientConnection(source)
  }
}
