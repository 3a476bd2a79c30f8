import Synchronization

/// Raised once, from any thread, to end what another thread does or waits for. Once raised it stays so.
package final class CancellationFlag: Sendable {
  private let raised = Atomic(false)

  package init() {}

  package var isRaised: Bool { raised.load(ordering: .acquiring) }

  package func raise() { raised.store(true, ordering: .releasing) }
}
