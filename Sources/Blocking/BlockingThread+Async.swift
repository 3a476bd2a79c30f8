extension BlockingThread {
  /// Has the calling thread, which must be one that may block, wait for async work.
  /// - Throws: what `work` throws; ``WaitExpired`` at the deadline, when its task is cancelled and left.
  package static func wait<Value: Sendable>(
    until deadline: ContinuousClock.Instant, for work: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let outcome = Monitor<Result<Value, any Error>?>(nil)
    let task = Task {
      let result: Result<Value, any Error>
      do { result = .success(try await work()) } catch { result = .failure(error) }
      outcome.withLock { $0 = result }
      outcome.notify()
    }
    let result: Result<Value, any Error> = outcome.wait { result in
      if let result { return .done(result) }
      return .now >= deadline ? .done(.failure(WaitExpired())) : .until(deadline)
    }
    if case .failure(is WaitExpired) = result { task.cancel() }
    return try result.get()
  }
}

/// What was waited for did not come in time.
package struct WaitExpired: Error, CustomStringConvertible {
  package var description: String { "no answer in time" }
}
