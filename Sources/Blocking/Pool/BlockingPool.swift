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
    /// When the sweeper looks next.
    var sweepAt: ContinuousClock.Instant?
  }

  private enum Step {
    case run(PoolQueue<Job>.Entry, hasMore: Bool)
    case refuse([PoolQueue<Job>.Refused])
    case stop
  }

  private let name: String
  private let threads: Int
  private let make: @Sendable () -> Resource
  /// What the workers wait on: one is woken for one job.
  private let state: Monitor<State>
  /// What the sweeper waits on, so that no job wakes it in a worker's place: whether it must look earlier than it means to.
  private let sweeper = Monitor(false)

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
    let submission = state.withLock { state in
      Submission(state.queue.submit(job, deadline: deadline, now: .now), deadline, &state, threads: threads)
    }
    for part in submission.starts {
      _ = BlockingThread("\(name)-\(part)") { [self] in if part == "clock" { sweep() } else { serve() } }
    }
    if submission.hasRoom { state.notifyOne() }
    if submission.isUrgent { hurrySweeper() }
    switch submission.result {
    case .success(let ticket): return ticket
    case .failure(let reason):
      refuse(reason)
      return nil
    }
  }

  /// What is to be done after a job was queued or refused.
  private struct Submission {
    let result: Result<UInt64, PoolRefusal>
    /// The names of threads to start.
    var starts: [String] = []
    var hasRoom = false
    /// The sweeper would look too late.
    var isUrgent = false

    init(
      _ result: Result<UInt64, PoolRefusal>, _ deadline: ContinuousClock.Instant, _ state: inout State, threads: Int
    ) {
      self.result = result
      if case .failure(let reason) = result {
        state.load.count(reason)
        return
      }
      hasRoom = state.queue.hasRoom
      // What a free worker takes at once needs no sweeper.
      if !hasRoom, let sweepAt = state.sweepAt {
        isUrgent = state.queue.nextSweep(now: .now).map { $0 < sweepAt } ?? false
      }
      let wanted = state.queue.runningCount + state.queue.waitingCount
      guard state.started < min(wanted, threads) else { return }
      state.started += 1
      starts = state.started == 1 ? ["clock", "1"] : ["\(state.started)"]
    }
  }

  private func hurrySweeper() {
    sweeper.withLock { $0 = true }
    sweeper.notify()
  }

  /// Takes a job that still waits out of the queue; it is refused as cancelled.
  package func withdraw(_ ticket: UInt64) {
    state.withLock { $0.queue.withdraw(ticket) }?.refuse(.cancelled)
  }

  /// Ends the threads as they become free. Jobs that wait are refused, and so are all later ones.
  package func close() {
    let dropped = state.withLock { $0.queue.close() }
    state.notify()
    hurrySweeper()
    for job in dropped { job.refuse(.closed) }
  }

  /// When to look again though nobody called. `NSCondition` traps on `.distantFuture`.
  private static var longPause: ContinuousClock.Instant { .now + .seconds(3600) }

  /// Of each worker.
  private func serve() {
    let resource = make()
    var ended: PoolQueue<Job>.Entry?
    while true {
      switch nextStep(after: ended) {
      case .run(let entry, let hasMore):
        // There may be room for more than the one that this thread takes.
        if hasMore { state.notifyOne() }
        entry.job.work(resource)
        ended = entry
      case .refuse(let refused):
        ended = nil
        for one in refused { one.job.refuse(one.reason) }
      case .stop: return
      }
    }
  }

  private func nextStep(after ended: PoolQueue<Job>.Entry?) -> Step {
    var ended = ended
    return state.wait { state in
      if let entry = ended.take() {
        state.queue.end(entry.ticket, now: .now, isTypical: !entry.job.cancellation.isRaised)
      }
      if let refused = Self.swept(&state) { return .done(.refuse(refused)) }
      if let entry = state.queue.begin(now: .now) { return .done(.run(entry, hasMore: state.queue.hasRoom)) }
      return state.queue.isClosed ? .done(.stop) : .until(Self.longPause)
    }
  }

  /// Of the one thread that refuses what is too late while all the others work.
  private func sweep() {
    while true {
      let (refused, next) = state.withLock { state in
        let refused = Self.swept(&state) ?? []
        let next = state.queue.isClosed ? nil : state.queue.nextSweep(now: .now) ?? Self.longPause
        state.sweepAt = next
        return (refused, next)
      }
      for one in refused { one.job.refuse(one.reason) }
      guard let next else { return }
      sweeper.wait { isHurried -> Waiting<Void> in
        guard isHurried || ContinuousClock.now >= next else { return .until(next) }
        isHurried = false
        return .done(())
      }
    }
  }

  private static func swept(_ state: inout State) -> [PoolQueue<Job>.Refused]? {
    let refused = state.queue.sweep(now: .now)
    for one in refused { state.load.count(one.reason) }
    return refused.isEmpty ? nil : refused
  }
}
