import Hummingbird

/// A request context that knows the request's id, whichever role serves it.
package protocol IdentifiedRequestContext: RequestContext {
  /// Well-formed and the same in the response header, the log, and whatever is asked downstream.
  var requestID: String { get set }
}

/// The context of roles that need no more than that.
package struct ServiceContext: IdentifiedRequestContext {
  package var coreContext: CoreRequestContextStorage
  package var requestID = ""

  package init(source: Source) {
    coreContext = .init(source: source)
  }
}
