import HTTPService
import Hummingbird

/// A request to the analytics service, and who sent it.
package struct AnalyticsContext: IdentifiedRequestContext {
  package var coreContext: CoreRequestContextStorage
  package var requestID = ""
  /// The name of the service key used; nil where none is needed.
  var caller: String?
  let connection: ClientConnection

  package init(source: Source) {
    coreContext = .init(source: source)
    connection = ClientConnection(source)
  }
}
