/// Who may call an operation.
package enum Access: Sendable, Equatable {
  /// Also who is not known.
  case anyone
  /// A learner or a manager.
  case person
  case manager
  /// Another service of this platform.
  case service
  case personOrService, managerOrService
  /// Who shows a service key.
  case key
}
