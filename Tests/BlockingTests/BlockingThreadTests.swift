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
