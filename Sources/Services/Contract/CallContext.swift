import HTTPService
import Hummingbird

/// A request to a service: who asks, until when it must be answered, and what it belongs to.
package struct CallContext: IdentifiedRequestContext {
  package var coreContext: CoreRequestContextStorage
  package var requestID = ""
  package internal(set) var caller = Caller.anonymous
  package internal(set) var deadline = ContinuousClock.now
  package internal(set) var traceParent: TraceParent?
  package let connection: ClientConnection

  package init(source: Source) {
    coreContext = .init(source: source)
    connection = ClientConnection(source)
  }
}
