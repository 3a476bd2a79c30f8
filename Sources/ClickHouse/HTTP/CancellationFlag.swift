import Synchronization

/// Raised from any thread to end a request that another thread waits for; seen within 50 ms. Once raised it stays so.
public final class CancellationFlag: Sendable {
  private let raised = Atomic(false)

  public init() {}

  public var isRaised: Bool { raised.load(ordering: .acquiring) }

  public func raise() { raised.store(true, ordering: .releasing) }
}
