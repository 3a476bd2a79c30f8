/// Which job of a pool begins when, and which is told that it will not: the rules alone, without threads or a clock.
///
/// First come, first served. A job is refused as soon as it is known that it cannot end by its deadline: when it comes,
/// or later while it waits, for the estimate follows what the jobs under way take. One that finds a thread free is never
/// refused, so an estimate that was wrong once does not last.
///
/// Fewer may run at once than there are threads. Where the other end has one processor, eight jobs side by side take eight
/// times as long each, and none of them may be in time where one after the other some would. So jobs that use up more than
/// half of their time halve the number that runs at once, and each that needs less than a quarter lets one more.
package struct PoolQueue<Job> {
  package typealias Instant = ContinuousClock.Instant

  package struct Entry {
    package let ticket: UInt64
    package let deadline: Instant
    package let job: Job
  }

  package struct Refused {
    package let job: Job
    package let reason: PoolRefusal
  }

  /// What one more job counts for in the average of the recent ones.
  private static var weight: Double { 0.2 }
  /// How often the estimate is compared with the deadlines of those that wait.
  private static var sweepInterval: Duration { .milliseconds(100) }
  /// How many run at once before it is known what they take.
  private static var firstSlots: Int { 4 }
  private static var retryBounds: ClosedRange<Duration> { .seconds(1)...(.seconds(60)) }

  private let threads: Int
  private let limit: Int
  /// How many may run at once for now, 1 to `threads`.
  private var slots: Int
  private var narrowed: Instant?
  private var lastTicket: UInt64 = 0
  private var waiting: [Entry] = []
  private var running: [(ticket: UInt64, since: Instant, deadline: Instant)] = []
  private var average: Duration?
  package private(set) var isClosed = false

  /// - Parameters:
  ///   - threads: the most jobs under way at once.
  ///   - limit: the most jobs that wait, however short they are.
  package init(threads: Int, limit: Int) {
    precondition(threads > 0 && limit > 0, "a pool that can do something")
    self.threads = threads
    self.limit = limit
    slots = min(threads, Self.firstSlots)
  }

  package var waitingCount: Int { waiting.count }
  package var runningCount: Int { running.count }
  /// Whether a job that waits may begin.
  package var hasRoom: Bool { !waiting.isEmpty && running.count < slots }

  package mutating func submit(_ job: Job, deadline: Instant, now: Instant) -> Result<UInt64, PoolRefusal> {
    guard !isClosed else { return .failure(.closed) }
    guard deadline > now else { return .failure(.deadlineExceeded) }
    guard waiting.count < limit, end(behind: waiting.count, now) <= deadline else {
      return .failure(.overloaded(retryAfter: retryAfter(now)))
    }
    lastTicket += 1
    waiting.append(Entry(ticket: lastTicket, deadline: deadline, job: job))
    return .success(lastTicket)
  }

  /// Takes out the job whose turn it is, if there is one and it may run now.
  package mutating func begin(now: Instant) -> Entry? {
    guard running.count < slots, let next = waiting.firstIndex(where: { $0.deadline > now }) else { return nil }
    let entry = waiting.remove(at: next)
    running.append((entry.ticket, now, entry.deadline))
    return entry
  }

  /// - Parameter isTypical: false for a job that was cut short, which says nothing of how long jobs take.
  package mutating func end(_ ticket: UInt64, now: Instant, isTypical: Bool) {
    guard let index = running.firstIndex(where: { $0.ticket == ticket }) else { return }
    let wasFull = running.count >= slots
    let job = running.remove(at: index)
    guard isTypical else { return }
    let (age, allowance) = (now - job.since, job.deadline - job.since)
    average = Self.average(average, with: age)
    if age > allowance / 2 {
      // Once for those that ran side by side.
      guard narrowed.map({ job.since >= $0 }) ?? true else { return }
      slots = max(1, slots / 2)
      narrowed = now
    } else if age < allowance / 4, wasFull {
      slots = min(threads, slots + 1)
    }
  }

  /// Takes out those that are too late, or will be.
  package mutating func sweep(now: Instant) -> [Refused] {
    var refused: [Refused] = []
    var kept: [Entry] = []
    for entry in waiting {
      if entry.deadline <= now {
        refused.append(Refused(job: entry.job, reason: .deadlineExceeded))
      } else if end(behind: kept.count, now) > entry.deadline {
        refused.append(Refused(job: entry.job, reason: .overloaded(retryAfter: retryAfter(now))))
      } else {
        kept.append(entry)
      }
    }
    if !refused.isEmpty { waiting = kept }
    return refused
  }

  /// When to sweep next at the latest; nil while nothing waits.
  package func nextSweep(now: Instant) -> Instant? {
    waiting.map(\.deadline).min().map { min($0, now + Self.sweepInterval) }
  }

  package mutating func withdraw(_ ticket: UInt64) -> Job? {
    waiting.firstIndex { $0.ticket == ticket }.map { waiting.remove(at: $0).job }
  }

  /// Takes out all that wait; nothing is accepted from now on.
  package mutating func close() -> [Job] {
    isClosed = true
    defer { waiting = [] }
    return waiting.map(\.job)
  }

  // MARK: The estimate

  /// When a job behind so many others should end; the past when nothing is known yet or a thread is free for it.
  private func end(behind count: Int, _ now: Instant) -> Instant {
    guard running.count + count >= slots, let each = serviceTime(now) else { return now }
    return now + wait(behind: count, each, now) + each
  }

  private func wait(behind count: Int, _ each: Duration, _ now: Instant) -> Duration {
    let underWay = running.reduce(Duration.zero) { $0 + max(.zero, each - (now - $1.since)) }
    return (underWay + each * count) / slots
  }

  /// What a job takes: the average of the recent ones, and of those under way that have taken longer already.
  private func serviceTime(_ now: Instant) -> Duration? {
    guard let average else {
      return running.isEmpty ? nil : running.reduce(Duration.zero) { $0 + (now - $1.since) } / running.count
    }
    return running.reduce(average) { known, job in
      let age = now - job.since
      return age > known ? Self.average(known, with: age) : known
    }
  }

  private func retryAfter(_ now: Instant) -> Duration {
    let untilFree = serviceTime(now).map { wait(behind: waiting.count, $0, now) } ?? .zero
    return min(max(untilFree, Self.retryBounds.lowerBound), Self.retryBounds.upperBound)
  }

  private static func average(_ known: Duration?, with age: Duration) -> Duration {
    known.map { $0 + (age - $0) * weight } ?? age
  }
}
