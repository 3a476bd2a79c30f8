import Blocking
import Synchronization
import Testing

@Suite struct BlockingThreadTests {
  @Test func joinWaitsForTheBodyAndMayBeAskedTwice() {
    let done = CancellationFlag()
    let thread = BlockingThread("test") { done.raise() }
    thread.join()
    thread.join()
    #expect(done.isRaised)
  }

  @Test func aTaskGetsTheValueOrTheError() async throws {
    struct Failure: Error {}
    #expect(try await BlockingThread.run("test") { 7 } == 7)
    await #expect(throws: Failure.self) { try await BlockingThread.run("test") { throw Failure() } }
  }
}

@Suite struct BlockingThreadWaitTests {
  struct Failure: Error {}

  @Test func aThreadGetsTheValueOrTheErrorOfATask() async throws {
    let value = try await BlockingThread.run("test") {
      try BlockingThread.wait(until: .now + .seconds(60)) {
        try await Task.sleep(for: .milliseconds(1))
        return 7
      }
    }
    #expect(value == 7)
    await #expect(throws: Failure.self) {
      try await BlockingThread.run("test") {
        try BlockingThread.wait(until: .now + .seconds(60)) { throw Failure() }
      }
    }
  }

  @Test func theDeadlineEndsTheWaitAndTheTask() async throws {
    let (ended, announce) = AsyncStream<Bool>.makeStream()
    await #expect(throws: WaitExpired.self) {
      try await BlockingThread.run("test") {
        try BlockingThread.wait(until: .now + .milliseconds(20)) {
          try? await Task.sleep(for: .seconds(60))
          announce.yield(Task.isCancelled)
        }
      }
    }
    #expect(await ended.first { _ in true } == true, "the task is cancelled")
  }
}
