import CivilTime
import Decks
import Foundation
import Postgres
import RealServers
import Synchronization
import Testing

/// Many at once, and the database killed under them.
@Suite struct LearningFaultTests {
  @Test(.timeLimit(.minutes(2))) func whateverHappensAtOnceNobodyWaitsInACircle() async throws {
    let bench = try LearningBench(connections: 8)
    let decks = try (0..<3).map { _ in try bench.deck(cards: 12) }
    let (web, sweeper, pool) = (bench.web, bench.sweeper, bench.pool)
    let statuses = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<12 {
        group.addTask {
          // Two tasks a learner, each over all decks.
          let learner = Int64(1 + number / 2)
          for round in 0..<24 {
            let (deck, cards) = decks[(number + round) % 3]
            let begun = try await web.ask("POST", "/api/learn/deck/\(deck)/sessions", as: learner)
            statuses.count("\(begun.status)")
            guard let session = begun.id("id") else { continue }
            for card in [round % 12, (round + 5) % 12] {
              let answer = try await web.answer(session, cards[card], correct: round % 3 > 0, as: learner)
              statuses.count("\(answer.status)")
            }
            if round % 6 == 5 {
              let end = try await web.ask("POST", "/api/learn/sessions/\(session)/finish", as: learner)
              statuses.count("\(end.status)")
            }
          }
        }
      }
      group.addTask { for _ in 0..<20 { try await sweeper.sweep() } }
      // Cards go and decks change in the meantime, some of them being answered.
      group.addTask {
        for index in [3, 8] {
          for (deck, cards) in decks {
            let calls = [
              "SELECT id FROM decks WHERE id = \(deck) FOR UPDATE", "DELETE FROM cards WHERE id = \(cards[index])",
              "UPDATE decks SET version = version + 1 WHERE id = \(deck)",
            ]
            _ = try await pool.run(calls.map { PostgresStatement(unprepared: $0)() }, until: .now + .seconds(10))
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(statuses.counts.keys.allSatisfy { ["200", "201", "404", "409"].contains($0) }, "\(statuses.counts)")
    #expect(try bench.admin.number("SELECT count(*) FROM answers") > 300 && bench.differences() == [])
    let repeated = "SELECT count(*) - count(DISTINCT (session_id, number)) FROM answers"
    #expect(try bench.admin.number(repeated) == 0)
    let sums = """
      SELECT count(*) FROM learning_sessions s
      WHERE answers <> (SELECT count(*) FROM answers a WHERE a.session_id = s.id)
        OR cards_seen <> (SELECT count(DISTINCT card_id) FROM answers a WHERE a.session_id = s.id)
      """
    #expect(try bench.admin.number(sums) == 0)
  }

  /// Every answer is sent until it is acknowledged, under one id.
  @Test(.timeLimit(.minutes(3))) func aKilledDatabaseLosesAndDoublesNothing() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["postgres-users"])
    let bench = try LearningBench(PostgresServer.configuration(profile.environment()), connections: 4)
    let (deck, cards) = try bench.deck(cards: 40)
    let web = bench.web
    let (acknowledged, refusals) = (Tally(), Tally())
    let learners = (1...4).map { learner in
      Task {
        let learner = Int64(learner)
        let session = try await web.start(deck, .all, as: learner)
        for (index, card) in cards.enumerated() {
          let id = UUID()
          let moment = LearningBench.noon.after(minutes: Double(index) / 10)
          var isDone = false
          for _ in 0..<2000 where !isDone {
            let answer = try await web.answer(session, card, rating: 4, id: id, as: learner, at: moment)
            isDone = answer.status == 200
            if !isDone {
              refusals.count("\(answer.status) \(answer.code ?? "")")
              try await Task.sleep(for: .milliseconds(20))
            }
          }
          guard isDone else { throw Failure("an answer was never taken") }
          acknowledged.count("answers")
          try await Task.sleep(for: .milliseconds(15))
        }
      }
    }
    for share in [20, 80] {
      #expect(eventually(within: 60) { acknowledged.counts["answers", default: 0] >= share })
      try profile.signalAll("postgres-users", SIGKILL)
      try await Task.sleep(for: .milliseconds(300))
      try profile.start(["postgres-users"])
    }
    for learner in learners { try await learner.value }
    #expect(try bench.admin.number("SELECT count(*) FROM answers") == 160)
    #expect(try bench.events("card_answered") == 160 && bench.differences() == [])
    #expect(try bench.events("learning_session_finished", "(p ->> 'completed')::boolean") == 4)
    #expect(refusals.counts.keys.allSatisfy { $0.hasPrefix("503 ") }, "\(refusals.counts)")
    #expect(!refusals.counts.isEmpty, "nobody noticed")
    await bench.pool.close()
  }

  /// The card goes between what an answer reads and what it writes.
  @Test func anAnswerToACardThatIsBeingDeletedIsNone() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 2)
    let session = try await bench.web.start(deck)
    let pool = bench.pool
    let deleting = Task {
      let calls = ["DELETE FROM cards WHERE id = \(cards[0])", "SELECT pg_sleep(1)"]
      return try await pool.run(calls.map { PostgresStatement(unprepared: $0)() }, until: .now + .seconds(9))
    }
    let isHeld = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sl%' AND state = 'active'"
    #expect(try eventually(within: 5) { try bench.admin.number(isHeld) == 1 })
    #expect(try await bench.web.answer(session, cards[0]).code == "CARD_NOT_FOUND")
    _ = try await deleting.value
    #expect(try bench.events("card_answered") == 0 && bench.differences() == [])
    #expect(try await bench.web.answer(session, cards[1]).status == 200)
  }

  /// Another instance goes on where the first was.
  @Test func aSessionOfALargeDeckEndsWithItsLastCard() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 10_000)
    let session = try await bench.web.start(deck, .all)
    // All but the last have been answered, and are not due.
    try bench.admin.sql(
      """
      INSERT INTO schedules SELECT id, 7, deck_id, 'review', 0, 10, 5, '2026-03-01Z', '2026-06-01Z', 3, 3, 0, 3, '2026-03-01Z', 0
      FROM cards WHERE id < \(cards[9_990])
      """,
      """
      INSERT INTO answers SELECT 7, gen_random_uuid(), \(session), deck_id, id, row_number() OVER (ORDER BY id), true, 3, 1000,
        '2026-03-02 12:00Z', 'new', true, '2026-06-01Z', 1, 1, false FROM cards WHERE id < \(cards[9_990])
      """,
      "UPDATE learning_sessions SET answers = 9990, cards_seen = 9990, cards_known = 9990", "ANALYZE")
    // The first finds where the rest begins.
    _ = try await bench.web.answer(session, cards[9_990], rating: 4)
    for card in cards[9_991..<9_996] { _ = try await bench.web.answer(session, card, rating: 4) }
    let rest = try LearningBench(over: bench.database, connections: 1)
    #expect(try await rest.web.next(session).id("next", "card", "id") == cards[9_996])
    for card in cards[9_996...] { _ = try await rest.web.answer(session, card, rating: 4) }
    let ended = try await rest.web.ask("GET", "/api/learn/sessions/\(session)")
    #expect(ended.text("status") == "finished" && ended.id("total_cards_seen") == 10_000)
  }
}

/// Counts what several tasks meet, by name.
private final class Tally: Sendable {
  private let found = Mutex<[String: Int]>([:])

  var counts: [String: Int] { found.withLock { $0 } }

  func count(_ name: String) { found.withLock { $0[name, default: 0] += 1 } }
}
