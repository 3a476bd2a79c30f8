import HTTPService
import ServiceContract

/// All that a learner may ask of the service.
package struct LearningOperations: Sendable {
  private let store: LearningStore
  private let imageURL: @Sendable (_ key: String, _ version: Int64) -> String?

  /// - Parameter imageURL: where an image of the bucket is read, by its key and its card's version; nil when it cannot be.
  package init(
    _ store: LearningStore, imageURL: @escaping @Sendable (_ key: String, _ version: Int64) -> String?
  ) {
    self.store = store
    self.imageURL = imageURL
  }

  package func add(to api: inout API<CallContext>) {
    SettingsOperations.add(to: &api, store)
    SessionOperations.add(to: &api, store)
    AnswerOperations.add(to: &api, store, imageURL: imageURL)
    DueOperations.add(to: &api, store)
    ResultOperations.add(to: &api, store)
  }
}
