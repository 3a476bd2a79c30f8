import Blocking

/// Wakes the relay of the same process. It looks by itself every 200 ms; this saves the wait.
package final class OutboxSignal: Sendable {
  private let raised = Monitor(false)

  package init() {}

  /// To be called after each commit that wrote events. Never blocks.
  package func raise() {
    raised.withLock { $0 = true }
    raised.notify()
  }

  /// Takes the signal back.
  /// - Returns: whether it was raised since the last call.
  func take() -> Bool {
    raised.withLock { raised in
      defer { raised = false }
      return raised
    }
  }

  /// Waits until it is raised, but not beyond `moment`; leaves it as it is.
  func wait(until moment: ContinuousClock.Instant) {
    raised.wait { raised in raised || ContinuousClock.now >= moment ? .done(()) : .until(moment) }
  }
}
