import Synchronization

extension BlockingPool {
  /// Runs `work` on a thread of the pool while the calling task is suspended. Cancelling the task withdraws a job that
  /// waits, and raises the flag of one that runs.
  /// - Parameters:
  ///   - work: returns its value when the flag is raised, as soon as it can.
  ///   - afterwards: what the thread still has to do once the caller has its value.
  package func run<Value: Sendable>(
    until deadline: ContinuousClock.Instant, _ work: @escaping @Sendable (Resource, CancellationFlag) -> Value,
    afterwards: @escaping @Sendable (Resource, Value) -> Void = { _, _ in }
  ) async throws(PoolRefusal) -> Value {
    let cancellation = CancellationFlag()
    // The ticket of the job while it may wait in the queue, for a cancelled task to withdraw it by.
    let ticket = Mutex<UInt64?>(nil)
    return try await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, PoolRefusal>, Never>) in
        let number = submit(until: deadline, cancellation: cancellation) { resource in
          guard !cancellation.isRaised else { return continuation.resume(returning: .failure(.cancelled)) }
          let value = work(resource, cancellation)
          continuation.resume(returning: .success(value))
          afterwards(resource, value)
        } refuse: { reason in
          continuation.resume(returning: .failure(reason))
        }
        guard let number else { return }
        ticket.withLock { $0 = number }
        if cancellation.isRaised { withdraw(number) }
      }
    } onCancel: {
      cancellation.raise()
      if let number = ticket.withLock({ $0 }) { withdraw(number) }
    }.get()
  }
}
