/// What a pool has to do, and what it refused so far.
package struct PoolLoad: Sendable, Equatable {
  package var waiting = 0
  package var running = 0
  /// Jobs refused because they would not have ended in time, or because too many waited.
  package var overloaded = 0
  /// Jobs whose deadline passed while they waited.
  package var expired = 0

  package init() {}

  mutating func count(_ reason: PoolRefusal) {
    switch reason {
    case .overloaded: overloaded += 1
    case .deadlineExceeded: expired += 1
    case .cancelled, .closed: break
    }
  }
}
