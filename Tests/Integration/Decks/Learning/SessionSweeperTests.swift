import CivilTime
import Decks
import Postgres
import RealServers
import Testing

@Suite struct SessionSweeperTests {
  private let noon = LearningBench.noon

  private static func leave(_ bench: LearningBench, minutes: Int, _ condition: String = "true") throws {
    try bench.admin.sql(
      "UPDATE learning_sessions SET touched_at = clock_timestamp() - interval '\(minutes) minutes' WHERE \(condition)")
  }

  @Test func onlyWhatWasLeftIsEndedAndWithItsLastAnswer() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 2)
    let session = try await bench.web.start(deck)
    _ = try await bench.web.answer(session, cards[0], at: noon.after(minutes: 3))
    let fresh = try await bench.web.start(deck, as: 8)
    try Self.leave(bench, minutes: 29)
    #expect(try await bench.sweeper.sweep() == 0)
    try Self.leave(bench, minutes: 31, "user_id = 7")
    #expect(try await bench.sweeper.sweep() == 1)
    #expect(try await bench.sweeper.sweep() == 0)
    let ended = try await bench.web.ask("GET", "/api/learn/sessions/\(session)")
    #expect(ended.text("status") == "abandoned" && ended.flag("completed") == false)
    #expect(ended.text("finished_at") == "2026-03-02T12:03:00.000Z" && ended.id("duration_seconds") == 180)
    #expect(try await bench.web.ask("GET", "/api/learn/sessions/\(fresh)", as: 8).text("status") == "active")
    // An answer says that the learner is there.
    try Self.leave(bench, minutes: 31)
    _ = try await bench.web.answer(fresh, cards[0], as: 8)
    #expect(try await bench.sweeper.sweep() == 0)
    #expect(try bench.differences() == [])
  }

  /// Two instances, and the learners themselves, all at once.
  @Test func eachSessionEndsOnceWhoeverComes() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 3)
    var sessions: [(learner: Int64, id: Int64)] = []
    for learner in Int64(1)...30 { sessions.append((learner, try await bench.web.start(deck, as: learner))) }
    try Self.leave(bench, minutes: 45)
    let (web, sweeper) = (bench.web, bench.sweeper)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 { group.addTask { for _ in 0..<3 { try await sweeper.sweep() } } }
      for (learner, id) in sessions {
        group.addTask {
          // Each in his own time; some are back within it, by the clock that sessions go by.
          let answer =
            learner % 2 == 0
            ? try await web.answer(id, cards[0], as: learner)
            : try await web.ask("POST", "/api/learn/sessions/\(id)/finish", as: learner)
          #expect([200, 409].contains(answer.status), "\(answer.text)")
        }
      }
      try await group.waitForAll()
    }
    try Self.leave(bench, minutes: 45)
    // One whose learner was being written to was left for the next time.
    _ = try await sweeper.sweep()
    #expect(try bench.admin.number("SELECT count(*) FROM learning_sessions WHERE ended_at IS NULL") == 0)
    #expect(try bench.events("learning_session_finished") == 30 && bench.differences() == [])
  }

  @Test func aLearnerWhoIsHeldIsLeftForTheNextTime() async throws {
    let bench = try LearningBench()
    let (deck, _) = try bench.deck(cards: 3)
    _ = try await bench.web.start(deck)
    try Self.leave(bench, minutes: 31)
    let pool = bench.pool
    let holding = Task {
      let calls = ["SELECT * FROM learners FOR UPDATE", "SELECT pg_sleep(1.5)"]
      return try await pool.run(calls.map { PostgresStatement(unprepared: $0)() }, until: .now + .seconds(9))
    }
    let isHeld = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sl%' AND state = 'active'"
    #expect(try eventually(within: 5) { try bench.admin.number(isHeld) == 1 })
    #expect(try await bench.sweeper.sweep() == 0)
    _ = try await holding.value
    #expect(try await bench.sweeper.sweep() == 1)
  }

  @Test func itRunsUntilItIsAskedToStop() async throws {
    let bench = try LearningBench()
    let (deck, _) = try bench.deck(cards: 3)
    _ = try await bench.web.start(deck)
    try Self.leave(bench, minutes: 31)
    let sweeper = bench.sweeper
    let running = Task { try await sweeper.run() }
    for _ in 0..<100 where try bench.events("learning_session_finished") == 0 {
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(try bench.events("learning_session_finished") == 1)
    running.cancel()
    try await running.value
  }
}
