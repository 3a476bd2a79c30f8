import CivilTime
import Decks
import Foundation
import HTTPServiceTesting
import Postgres
import Testing

/// The service against the pure rules over whole decks: after any history they ask the same, count the same, end the same
/// sessions, and know the same of every card, to the last bit.
@Suite struct RandomHistoryTests {
  @Test(arguments: UInt64(1)...8) func theServiceIsTheRules(seed: UInt64) async throws {
    let history = try History(seed: seed)
    for step in 0..<160 { try await history.step("seed \(seed), step \(step)") }
    try history.compareAll("seed \(seed)")
    #expect(try history.bench.differences() == [], "seed \(seed)")
  }
}

/// One learner's history, made at random.
private final class History {
  let bench: LearningBench
  private var random: SeededGenerator
  private var model = LearnerModel()
  private var now = LearningBench.noon
  private var nextPosition = 100

  init(seed: UInt64) throws {
    bench = try LearningBench(connections: 2)
    random = SeededGenerator(state: seed)
    for count in [7, 4] {
      let (id, cards) = try bench.deck(cards: count)
      model.decks[id] = .init(cards: cards.enumerated().map { StudyCard(id: $1, position: $0 + 1) })
    }
  }

  func step(_ place: String) async throws {
    let deck = model.decks.keys.sorted().randomElement(using: &random)!
    pass()
    switch Int.random(in: 0..<30, using: &random) {
    case 0, 1: try await start(deck, place)
    case 2: try await finish(deck, place)
    case 3: try await compareProgress(deck, place)
    case 4: try await compareDue(place)
    case 5: try await changeSettings(place)
    case 6: try changeCards(deck)
    default: try await answer(deck, place)
    }
  }

  /// Mostly some seconds, sometimes days, now and then a clock that is set back.
  private func pass() {
    let milliseconds =
      switch Int.random(in: 0..<40, using: &random) {
      case 0: Int.random(in: 0...(12 * 86_400_000), using: &random)
      case 1, 2: Int.random(in: 0...(9 * 3_600_000), using: &random)
      case 3: Int.random(in: 0...2_400_000, using: &random)
      case 4: -Int.random(in: 0...90_000, using: &random)
      default: Int.random(in: 1...240_000, using: &random)
      }
    now = now.adding(milliseconds: milliseconds)
  }

  private func start(_ deck: Int64, _ place: String) async throws {
    let mode = Int.random(in: 0..<4, using: &random) == 0 ? nil : StudyMode.allCases.randomElement(using: &random)
    let isNew = model.start(deck, mode, at: now)
    let answer = try await bench.web.ask(
      "POST", "/api/learn/deck/\(deck)/sessions", mode.map { "{\"mode\": \"\($0.rawValue)\"}" }, at: now)
    #expect(answer.status == (isNew.map { $0 ? 201 : 200 } ?? 400), "\(place): \(answer.text)")
    if isNew == true { model.decks[deck]!.sessionID = try #require(answer.id("id"), "\(place)") }
  }

  private func finish(_ deck: Int64, _ place: String) async throws {
    guard let known = model.decks[deck], var session = known.session else { return }
    _ = session.finish(at: now)
    model.decks[deck]!.session = session
    let answer = try await bench.web.ask("POST", "/api/learn/sessions/\(known.sessionID)/finish", at: now)
    compare(answer, [], session, place)
  }

  /// Asks what is next, and answers it; or another card.
  private func answer(_ deck: Int64, _ place: String) async throws {
    guard let expected = model.next(deck, at: now), let known = model.decks[deck] else {
      return try await start(deck, place)
    }
    let next = try await bench.web.next(known.sessionID, at: now)
    compare(next, ["session"], expected.session, place)
    try #require(next.id("next", "card", "id") == expected.entry?.card, "\(place): \(next.text)")
    #expect(next.text("next", "kind") == expected.entry?.kind.rawValue, "\(place)")
    let isNext = Int.random(in: 0..<8, using: &random) > 0
    guard let card = isNext ? expected.entry?.card : known.cards.randomElement(using: &random)?.id else {
      return try await start(deck, place)
    }
    let rating = Rating.allCases.randomElement(using: &random)!
    pass()
    let answer = try await bench.web.answer(
      known.sessionID, card, correct: rating > .again, rating: rating.rawValue, at: now)
    do throws(AnswerRefusal) {
      let answered = try model.answer(deck, card, rating, at: now)
      #expect(answer.status == 200, "\(place): \(answer.text)")
      #expect(answer.flag("session_finished") == (answered.end != nil), "\(place)")
      #expect(answer.text("due_at") == answered.fields.dueAt.map(Self.text), "\(place)")
      #expect(answer.id("total_cards_seen") == Int64(model.decks[deck]!.session!.cardsSeen), "\(place)")
      #expect(answer.id("learned_cards") == Int64(model.decks[deck]!.session!.cardsKnown), "\(place)")
    } catch {
      #expect(answer.code == "SESSION_OVER", "\(place): \(answer.text)")
    }
  }

  private func compareProgress(_ deck: Int64, _ place: String) async throws {
    guard let known = model.decks[deck], let expected = model.progress(deck, at: now) else { return }
    let progress = try await bench.web.ask("GET", "/api/learn/sessions/\(known.sessionID)/progress", at: now)
    #expect(progress.id("learned_cards") == Int64(expected.learnedCards), "\(place)")
    #expect(progress.id("total_cards") == Int64(expected.totalCards), "\(place)")
  }

  private func compareDue(_ place: String) async throws {
    let due = try await bench.web.ask("GET", "/api/learn/due", at: now)
    for item in due.value(["decks"])?.elements ?? [] {
      guard case .number(let digits)? = item["deck_id"], let deck = Int64(digits) else { continue }
      let counts = model.counts(deck, at: now)
      for (name, count) in [
        ("new", counts.new), ("learning", counts.learning), ("due", counts.due), ("overdue", counts.overdue),
      ] { #expect(item[name] == .number("\(count)"), "\(place): \(name)") }
    }
  }

  private func changeSettings(_ place: String) async throws {
    let zone = ["UTC", "Asia/Kathmandu", "America/New_York", "Pacific/Chatham"].randomElement(using: &random)!
    let start = ["04:00", "00:00", "23:30"].randomElement(using: &random)!
    let (new, reviews) = (Int.random(in: 0...9, using: &random), Int.random(in: 0...9, using: &random))
    let retention = Double(Int.random(in: 70...97, using: &random)) / 100
    let scheduler: LearningSettings.Scheduler = Int.random(in: 0..<3, using: &random) == 0 ? .weights : .fsrs6
    model.settings = try LearningSettings(
      calendar: LearnerCalendar(zone: Zone(zone)!, dayStartsAt: TimeOfDay(start)!), newPerDay: new,
      reviewsPerDay: reviews, desiredRetention: retention, scheduler: scheduler)
    let changed = try await bench.web.ask(
      "PATCH", "/api/learn/settings",
      """
      {"timezone": "\(zone)", "day_starts_at": "\(start)", "new_per_day": \(new), "reviews_per_day": \(reviews),
       "desired_retention": \(retention), "scheduler": "\(scheduler.rawValue)"}
      """, at: now)
    #expect(changed.status == 200, "\(place): \(changed.text)")
  }

  /// A card comes, moves or goes.
  private func changeCards(_ deck: Int64) throws {
    nextPosition += 1
    let position = Bool.random(using: &random) ? 0 : nextPosition
    let card = model.decks[deck]!.cards.randomElement(using: &random)
    switch (Int.random(in: 0..<4, using: &random), card) {
    case (0, let card?):
      try bench.change(deck, "DELETE FROM cards WHERE id = \(card.id)")
      model.decks[deck]!.cards.removeAll { $0.id == card.id }
    case (1, let card?):
      try bench.change(deck, "UPDATE cards SET order_index = \(position) WHERE id = \(card.id)")
      let moved = StudyCard(id: card.id, position: position, memory: card.memory, record: card.record)
      model.decks[deck]!.cards = model.decks[deck]!.cards.map { $0.id == card.id ? moved : $0 }
    default:
      let id = try bench.change(
        deck,
        """
        INSERT INTO cards (deck_id, front_text, back_text, order_index, created_at, updated_at)
        VALUES (\(deck), 'f', 'b', \(position), now(), now()) RETURNING id
        """)[0].value(0, as: Int64.self)
      model.decks[deck]!.cards.append(StudyCard(id: id, position: position))
    }
  }

  private func compare(_ answer: RouterAnswer, _ path: [String], _ session: StudySession, _ place: String) {
    #expect(answer.value(path + ["status"])?.string == Self.status(session), "\(place): \(answer.text)")
    #expect(answer.value(path + ["finished_at"])?.string == session.end.map { Self.text($0.at) }, "\(place)")
    #expect(answer.value(path + ["total_cards_seen"]) == .number("\(session.cardsSeen)"), "\(place)")
  }

  /// Every schedule in the database beside the rules'.
  func compareAll(_ place: String) throws {
    var expected: [String] = []
    for (deck, known) in model.decks {
      for card in known.cards {
        guard let memory = card.memory else { continue }
        let record = card.record
        let phase =
          switch memory.phase {
          case .learning(let step): "learning \(step)"
          case .review: "review 0"
          case .relearning(let step): "relearning \(step)"
          }
        expected.append(
          """
          \(deck) \(card.id) \(phase) \(memory.stability.bitPattern) \(memory.difficulty.bitPattern) \
          \(memory.lastReviewAt.milliseconds) \(memory.dueAt.milliseconds) \(memory.reviews) \
          \(record.successes) \(record.failures) \(record.streak) \(record.lastAnsweredAt?.milliseconds ?? -1)
          """)
      }
    }
    let rows = try bench.admin.sql(
      """
      SELECT deck_id || ' ' || card_id || ' ' || phase || ' ' || step, stability, difficulty, last_review_at, due_at,
        reviews || ' ' || successes || ' ' || failures || ' ' || streak, last_answered_at FROM schedules
      """)
    let found = try rows.map { row in
      let (stability, difficulty) = (try row.value(1, as: Double.self), try row.value(2, as: Double.self))
      let times = try [3, 4].map { "\(try row.value($0, as: PostgresTimestamp.self).milliseconds)" }
      let last = try row.value(6, as: PostgresTimestamp?.self)?.milliseconds ?? -1
      return """
        \(try row.value(0, as: String.self)) \(stability.bitPattern) \(difficulty.bitPattern) \
        \(times.joined(separator: " ")) \(try row.value(5, as: String.self)) \(last)
        """
    }
    #expect(found.sorted() == expected.sorted(), "\(place)")
    #expect(!found.isEmpty, "\(place): nothing was learned")
  }

  private static func status(_ session: StudySession) -> String {
    switch session.end?.cause {
    case nil: "active"
    case .abandoned: "abandoned"
    default: "finished"
    }
  }

  private static func text(_ moment: Instant) -> String {
    let text = moment.isoText
    return text.contains(".") ? text : text.replacing("Z", with: ".000Z")
  }
}

/// A small generator of repeatable random numbers (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
