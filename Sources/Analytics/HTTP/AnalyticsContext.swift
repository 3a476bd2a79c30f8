import HTTPService
import Hummingbird

/// A request to the analytics service, and who sent it.
struct AnalyticsContext: IdentifiedRequestContext {
  var coreContext: CoreRequestContextStorage
  var requestID = ""
  /// The name of the service key used; nil where none is needed.
  var caller: String?
  let connection: ClientConnection

  init(source: Source) {
    coreContext = .init(source: source)
    connection = ClientConnection(source)
  }
}
