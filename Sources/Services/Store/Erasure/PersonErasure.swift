import Blocking

/// What a service does about what an erased person leaves in its database.
package protocol PersonErasure {
  /// Does what is left to do; done again, it does nothing. Blocking.
  /// - Parameter now: when the person was erased, in milliseconds since 1970.
  func erase(_ person: Int64, at now: Int64, cancellation: CancellationFlag) throws
}
