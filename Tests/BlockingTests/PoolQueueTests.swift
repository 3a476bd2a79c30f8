import Blocking
import Testing

@Suite struct PoolQueueTests {
  private let start = ContinuousClock.now
  private var queue = PoolQueue<String>(threads: 2, limit: 100)

  private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  private mutating func submit(_ job: String, deadline: Double = 20, now: Double = 0) -> PoolRefusal? {
    if case .failure(let reason) = queue.submit(job, deadline: at(deadline), now: at(now)) { reason } else { nil }
  }

  /// Both threads busy, after a job that took so long.
  private mutating func busy(average: Double) throws {
    _ = submit("first", deadline: 1000)
    let begun = queue.begin(now: at(0))
    let first = try #require(begun)
    queue.end(first.ticket, now: at(average), isTypical: true)
    for job in ["a", "b"] { #expect(submit(job, deadline: 1000, now: average) == nil) }
    for job in ["a", "b"] { #expect(queue.begin(now: at(average))?.job == job) }
    #expect(queue.begin(now: at(average)) == nil)
  }

  @Test mutating func firstComeFirstServed() {
    for job in ["a", "b", "c"] { #expect(submit(job) == nil) }
    let begun = [queue.begin(now: at(1)), queue.begin(now: at(1))].map { $0?.job }
    #expect(begun == ["a", "b"])
    #expect(queue.begin(now: at(1)) == nil, "both threads are busy")
    #expect(queue.waitingCount == 1 && queue.runningCount == 2)
  }

  @Test mutating func whatCannotEndInTimeIsRefusedAtOnce() throws {
    try busy(average: 4)
    // Two run until 8. In the queue each takes 4 on one of two threads: the n-th behind them ends at 12 + 2n.
    for number in 0..<4 { #expect(submit("\(number)", deadline: 20, now: 4) == nil, "\(number)") }
    #expect(submit("late", deadline: 19.9, now: 4) == .overloaded(retryAfter: .seconds(12)))
    #expect(submit("in time", deadline: 20, now: 4) == nil)
    #expect(submit("late", deadline: 20, now: 4) == .overloaded(retryAfter: .seconds(14)))
    #expect(submit("patient", deadline: 22, now: 4) == nil)
  }

  @Test mutating func whatTurnsOutTooLateIsRefusedWhileItWaits() throws {
    for number in 0..<100 { #expect(submit("\(number)") == nil, "nothing is known yet") }
    while queue.begin(now: at(0)) != nil {}
    #expect(queue.sweep(now: at(0.1)).isEmpty)
    // After 5 s without an end each takes 5 at least, so the last that can end at 20 has 4 before it.
    let refused = queue.sweep(now: at(5))
    #expect(refused.map(\.job) == (7..<100).map { "\($0)" })
    #expect(refused.allSatisfy { if case .overloaded = $0.reason { true } else { false } })
    #expect(queue.waitingCount == 5)
  }

  @Test mutating func aPassedDeadlineIsToldBeforeTheTurn() throws {
    try busy(average: 0.1)
    #expect(submit("short", deadline: 1, now: 0.2) == nil)
    #expect(submit("long", deadline: 20, now: 0.2) == nil)
    let next = try #require(queue.nextSweep(now: at(0.95)))
    #expect(next == at(1))
    let refused = queue.sweep(now: next)
    #expect(refused.map(\.job) == ["short"] && refused.first?.reason == .deadlineExceeded)
    #expect(submit("past", deadline: 1, now: 1) == .deadlineExceeded)
  }

  @Test mutating func aFreeThreadNeverRefuses() throws {
    try busy(average: 100)
    #expect(submit("short", deadline: 101, now: 100) == .overloaded(retryAfter: .seconds(60)))
    queue.end(2, now: at(100.5), isTypical: false)
    #expect(submit("short", deadline: 101, now: 100.5) == nil, "a wrong estimate must not last")
  }

  @Test mutating func theEstimateFollowsWhatJobsTake() throws {
    try busy(average: 100)
    queue.end(2, now: at(100.1), isTypical: true)
    queue.end(3, now: at(100.1), isTypical: true)
    for number in 0..<30 {
      #expect(submit("\(number)", deadline: 1000, now: 101) == nil)
      let begun = queue.begin(now: at(101))
      let entry = try #require(begun)
      queue.end(entry.ticket, now: at(101.1), isTypical: true)
    }
    for job in ["a", "b"] {
      #expect(submit(job, deadline: 1000, now: 102) == nil)
      #expect(queue.begin(now: at(102))?.job == job)
    }
    #expect(submit("short", deadline: 103, now: 102) == nil)
  }

  @Test mutating func theQueueIsBounded() {
    for number in 0..<100 { #expect(submit("\(number)") == nil) }
    #expect(submit("one more") == .overloaded(retryAfter: .seconds(1)))
  }

  @Test mutating func withdrawnAndClosedJobsComeOut() throws {
    let ticket = try queue.submit("a", deadline: at(20), now: at(0)).get()
    #expect(submit("b") == nil)
    #expect(queue.withdraw(ticket) == "a" && queue.withdraw(ticket) == nil)
    #expect(queue.close() == ["b"] && queue.isClosed)
    #expect(submit("c") == .closed)
    #expect(queue.nextSweep(now: at(0)) == nil)
  }

  /// Begins what may run at `seconds`, and returns the tickets.
  private func begin(_ queue: inout PoolQueue<String>, at seconds: Double) -> [UInt64] {
    var tickets: [UInt64] = []
    while let entry = queue.begin(now: at(seconds)) { tickets.append(entry.ticket) }
    return tickets
  }

  @Test func asManyRunAtOnceAsEndWellInTime() throws {
    var wide = PoolQueue<String>(threads: 8, limit: 1000)
    for number in 0..<100 { _ = try wide.submit("\(number)", deadline: at(20), now: at(0)).get() }
    let first = begin(&wide, at: 0)
    #expect(first.count == 4, "nothing is known yet")
    for ticket in first { wide.end(ticket, now: at(0.1), isTypical: true) }
    // Only the first of them ended while all that may run were running.
    let second = begin(&wide, at: 0.1)
    #expect(second.count == 5)
    for ticket in second { wide.end(ticket, now: at(15), isTypical: true) }
    #expect(wide.runningCount == 0)
    _ = wide.sweep(now: at(21))
    for number in 0..<10 { _ = try wide.submit("\(number)", deadline: at(1000), now: at(21)).get() }
    let third = begin(&wide, at: 21)
    #expect(third.count == 2, "halved once for those that ran side by side")
    for ticket in third { wide.end(ticket, now: at(22), isTypical: false) }
    #expect(begin(&wide, at: 22).count == 2, "what was cut short says nothing")
  }
}
