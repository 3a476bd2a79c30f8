import Synchronization

/// Raised once to ask a run to end early; from any thread.
package final class StopFlag: Sendable {
  private let raised = Atomic<Bool>(false)
  package init() {}
  package var isRaised: Bool { raised.load(ordering: .relaxed) }
  package func raise() { raised.store(true, ordering: .relaxed) }
}
