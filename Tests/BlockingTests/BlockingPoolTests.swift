import Blocking
import Foundation
import Synchronization
import Testing

@Suite struct BlockingPoolTests {
  /// Belongs to one thread at a time, or it traps.
  private final class Handle {
    let number: Int
    private let inUse = Atomic(false)

    init(_ number: Int) { self.number = number }

    func use(_ body: () -> Void) {
      precondition(inUse.exchange(true, ordering: .acquiringAndReleasing) == false, "used by two threads at once")
      body()
      inUse.store(false, ordering: .releasing)
    }
  }

  private let made = Counter()

  private func pool(threads: Int, queue: Int = 100) -> BlockingPool<Handle> {
    BlockingPool("test", threads: threads, queue: queue) { [made] in Handle(made.next()) }
  }

  private final class Counter: Sendable {
    private let value = Atomic(0)
    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    var count: Int { value.load(ordering: .relaxed) }
  }

  private func refusal<Value: Sendable>(_ run: () async throws(PoolRefusal) -> Value) async -> PoolRefusal? {
    do throws(PoolRefusal) {
      _ = try await run()
      return nil
    } catch { return error }
  }

  @Test func manyJobsShareFewResources() async throws {
    let pool = pool(threads: 3)
    defer { pool.close() }
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 1...90 {
        group.addTask {
          try await pool.run(until: .now + .seconds(60)) { handle, _ in
            handle.use {}
            return number
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 4095 && (1...3).contains(made.count))
    #expect(pool.load.waiting == 0)
  }

  @Test(.timeLimit(.minutes(1))) func whoWaitsIsToldAtItsDeadlineThoughNoThreadIsFree() async {
    let pool = pool(threads: 1)
    defer { pool.close() }
    let release = DispatchSemaphore(value: 0)
    let running = Task {
      await refusal { () throws(PoolRefusal) in
        try await pool.run(until: .now + .seconds(60)) { _, _ in release.wait() }
      }
    }
    while pool.load.running == 0 { await Task.yield() }
    // The thread is released only after the answer, so only the deadline can have brought it.
    let waited = await refusal { () throws(PoolRefusal) in
      try await pool.run(until: .now + .milliseconds(50)) { _, _ in Issue.record("it ran") }
    }
    switch waited {
    case .deadlineExceeded, .overloaded: break
    default: Issue.record("\(String(describing: waited))")
    }
    release.signal()
    #expect(await running.value == nil)
    #expect(pool.load.expired + pool.load.overloaded == 1)
  }

  @Test(.timeLimit(.minutes(1))) func cancellingWithdrawsWhatWaitsAndFlagsWhatRuns() async {
    let pool = pool(threads: 1)
    defer { pool.close() }
    let running = Task {
      try await pool.run(until: .now + .seconds(60)) { _, cancellation in
        while !cancellation.isRaised { usleep(1000) }
        return "stopped"
      }
    }
    while pool.load.running == 0 { await Task.yield() }
    let waiting = Task {
      await refusal { () throws(PoolRefusal) in
        try await pool.run(until: .now + .seconds(60)) { _, _ in Issue.record("it ran") }
      }
    }
    while pool.load.waiting == 0 { await Task.yield() }
    waiting.cancel()
    #expect(await waiting.value == .cancelled, "at once, although the only thread is taken")
    running.cancel()
    #expect(try! await running.value == "stopped")
  }

  @Test(.timeLimit(.minutes(1))) func closingRefusesWhatWaitsAndWhatComes() async {
    let pool = pool(threads: 1)
    let release = DispatchSemaphore(value: 0)
    let running = Task {
      await refusal { () throws(PoolRefusal) in
        try await pool.run(until: .now + .seconds(60)) { _, _ in release.wait() }
      }
    }
    while pool.load.running == 0 { await Task.yield() }
    let waiting = Task {
      await refusal { () throws(PoolRefusal) in
        try await pool.run(until: .now + .seconds(60)) { _, _ in }
      }
    }
    while pool.load.waiting == 0 { await Task.yield() }
    pool.close()
    #expect(await waiting.value == .closed)
    #expect(
      await refusal { () throws(PoolRefusal) in try await pool.run(until: .now + .seconds(60)) { _, _ in } } == .closed)
    release.signal()
    #expect(await running.value == nil, "what runs ends")
  }
}
