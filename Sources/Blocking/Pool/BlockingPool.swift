/// A bounded number of threads that each own a resource whose calls block (a connection, a handle), fed from a queue
/// that obeys deadlines: a job begins in time to end, or is refused as soon as that cannot be. ``PoolQueue`` has the
/// rules.
///
/// Threads start when there is work for them, and end with `close`, which must be called.
package final class BlockingPool<Resource>: Sendable {
  private struct Job {
    let cancellation: CancellationFlag
    let work: @Sendable (Resource) -> Void
    let refuse: @Sendable (PoolRefusal) -> Void
  }

  private struct State {
    var queue: PoolQueue<Job>
    var started = 0
    var load = PoolLoad()
  }

  private enum Step {
    case run(PoolQueue<Job>.Entry)
    case refuse([PoolQueue<Job>.Refused])
    case stop
  }

  private let name: String
  private let threads: Int
  private let make: @Sendable () -> Resource
  private let state: Monitor<State>

  /// - Parameters:
  ///   - name: of its threads.
  ///   - threads: the most jobs under way at once; fewer, while that gets more of them done in time.
  ///   - queue: the most jobs that wait, however short they are.
  ///   - make: makes the resource of one thread, on that thread.
  package init(_ name: String, threads: Int, queue: Int, make: @escaping @Sendable () -> Resource) {
    self.name = name
    self.threads = threads
    self.make = make
    state = Monitor(State(queue: PoolQueue(threads: threads, limit: queue)))
  }

  package var load: PoolLoad {
    state.withLock { state in
      var load = state.load
      load.waiting = state.queue.waitingCount
      load.running = state.queue.runningCount
      return load
    }
  }

  /// Queues a job. Exactly one of the two closures is called, once, on whatever thread.
  /// - Parameters:
  ///   - deadline: the job is begun only if it should end by then. What it does after it began is its own affair.
  ///   - cancellation: raised, a job cut short does not count for the estimate.
  /// - Returns: a ticket to withdraw it by; nil if it was refused at once.
  @discardableResult
  package func submit(
    until deadline: ContinuousClock.Instant, cancellation: CancellationFlag = CancellationFlag(),
    work: @escaping @Sendable (Resource) -> Void, refuse: @escaping @Sendable (PoolRefusal) -> Void
  ) -> UInt64? {
    let job = Job(cancellation: cancellation, work: work, refuse: refuse)
    let (result, starts): (Result<UInt64, PoolRefusal>, [String]) = state.withLock { state in
      let result = state.queue.submit(job, deadline: deadline, now: .now)
      guard case .success = result else {
        if case .failure(let reason) = result { state.load.count(reason) }
        return (result, [])
      }
      let wanted = state.queue.runningCount + state.queue.waitingCount
      guard state.started < min(wanted, threads) else { return (result, []) }
      state.started += 1
      return (result, state.started == 1 ? ["clock", "1"] : ["\(state.started)"])
    }
    for part in starts {
      _ = BlockingThread("\(name)-\(part)") { [self] in if part == "clock" { sweep() } else { serve() } }
    }
    state.notify()
    switch result {
    case .success(let ticket): return ticket
    case .failure(let reason):
      refuse(reason)
      return nil
    }
  }

  /// Takes a job that still waits out of the queue; it is refused as cancelled.
  package func withdraw(_ ticket: UInt64) {
    state.withLock { $0.queue.withdraw(ticket) }?.refuse(.cancelled)
  }

  /// Ends the threads as they become free. Jobs that wait are refused, and so are all later ones.
  package func close() {
    let dropped = state.withLock { $0.queue.close() }
    state.notify()
    for job in dropped { job.refuse(.closed) }
  }

  /// When to look again though nobody called. `NSCondition` traps on `.distantFuture`.
  private static var longPause: ContinuousClock.Instant { .now + .seconds(3600) }

  /// Of each worker.
  private func serve() {
    let resource = make()
    while true {
      switch nextStep() {
      case .run(let entry):
        entry.job.work(resource)
        state.withLock {
          $0.queue.end(entry.ticket, now: .now, isTypical: !entry.job.cancellation.isRaised)
        }
        // There may be room for more than the one that this thread takes.
        state.notify()
      case .refuse(let refused): for one in refused { one.job.refuse(one.reason) }
      case .stop: return
      }
    }
  }

  private func nextStep() -> Step {
    state.wait { state in
      if let refused = Self.swept(&state) { return .done(.refuse(refused)) }
      if let entry = state.queue.begin(now: .now) { return .done(.run(entry)) }
      return state.queue.isClosed ? .done(.stop) : .until(Self.longPause)
    }
  }

  /// Of the one thread that refuses what is too late while all the others work.
  private func sweep() {
    while true {
      let refused: [PoolQueue<Job>.Refused]? = state.wait { state in
        if let refused = Self.swept(&state) { return .done(refused) }
        if state.queue.isClosed { return .done(nil) }
        let now = ContinuousClock.now
        guard let next = state.queue.nextSweep(now: now) else { return .until(Self.longPause) }
        return .until(next)
      }
      guard let refused else { return }
      for one in refused { one.job.refuse(one.reason) }
    }
  }

  private static func swept(_ state: inout State) -> [PoolQueue<Job>.Refused]? {
    let refused = state.queue.sweep(now: .now)
    for one in refused { state.load.count(one.reason) }
    return refused.isEmpty ? nil : refused
  }
}
