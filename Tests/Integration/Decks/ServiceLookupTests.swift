import Foundation
import HTTPServiceTesting
import JSON
import Testing

/// What other services ask of decks.
@Suite struct ServiceLookupTests {
  private func ask(_ bench: ContentBench, _ path: String, _ body: String) async throws -> RouterAnswer {
    try await bench.ask(asService: "POST", "/api/internal/\(path)", body)
  }

  private func answer(
    _ bench: ContentBench, _ session: Int64, _ card: Int, correct: Bool, by person: Int64, at time: Int64
  ) async throws {
    let body = "{\"answer_id\": \"\(UUID())\", \"correct\": \(correct), \"answer_time_seconds\": 2}"
    let answer = try await bench.ask(
      "POST", "/api/learn/sessions/\(session)/cards/\(card)/answer", body, by: person, at: time)
    #expect(answer.status == 200, "\(answer.text)")
  }

  @Test func decksAreToldWithTheirCards() async throws {
    let bench = try await ContentBench()
    let (open, hidden) = (try await bench.deck(), try await bench.deck(#""visibility": "private""#, by: 2))
    let cards = [try await bench.card(in: open, "a"), try await bench.card(in: open, "b")]
    let found = try await ask(bench, "decks", "{\"deck_ids\": [\(hidden), \(open), 999, \(open)]}")
    #expect(found.status == 200, "\(found.text)")
    #expect(found.ids() == [open, hidden].sorted())
    let deck = try #require(found.json?.elements?.first { $0["id"]?.int == open })
    #expect((deck["card_ids"]?.elements ?? []).compactMap(\.int) == cards.sorted())
    #expect(deck["cards_amount"]?.int == 2 && deck["version"]?.int == 3 && deck["visibility"] == .string("public"))
    let short = try await ask(bench, "decks", "{\"deck_ids\": [\(open)], \"cards\": false}")
    #expect(short.json?.elements?.first?["card_ids"] == .null)
    #expect(try await ask(bench, "decks", "{\"deck_ids\": []}").text == "[]\n")
    let many = (1...501).map(String.init).joined(separator: ",")
    #expect(try await ask(bench, "decks", "{\"deck_ids\": [\(many)]}").status == 422)
    for person: Int64? in [1, nil] {
      for path in ["decks", "learned"] {
        let refused = try await bench.ask(
          "POST", "/api/internal/\(path)", "{\"deck_ids\": [1]}", by: person, isManager: true)
        #expect(refused.status == 401 && refused.code == "FOR_SERVICES_ONLY")
      }
    }
  }

  @Test func moreCardsThanAnAnswerHoldsAreAskedForInParts() async throws {
    let bench = try await ContentBench()
    let (one, other) = (try await bench.deck(), try await bench.deck())
    try await bench.sql("UPDATE decks SET cards_amount = 60000")
    let refused = try await ask(bench, "decks", "{\"deck_ids\": [\(one), \(other)]}")
    #expect(refused.status == 400 && refused.code == "TOO_MUCH_AT_ONCE")
    try await bench.sql("UPDATE decks SET cards_amount = 200000")
    #expect(try await ask(bench, "decks", "{\"deck_ids\": [\(one)]}").ids() == [one])
    #expect(try await ask(bench, "decks", "{\"deck_ids\": [\(one), \(other)], \"cards\": false}").ids().count == 2)
  }

  @Test func whatALearnerHasDoneIsToldAsSets() async throws {
    let bench = try await ContentBench()
    let (deck, other) = (try await bench.deck(), try await bench.deck())
    var cards: [Int] = []
    for name in ["a", "b", "c", "d"] { cards.append(try await bench.card(in: deck, name)) }
    let foreign = try await bench.card(in: other)
    let start = ContentBench.now
    // A cram writes no schedule, and what was once answered right stays learned when it is answered wrong.
    for (mode, learner) in [("cram", Int64(5)), ("all", Int64(6))] {
      let session = try #require(
        try await bench.ask(
          "POST", "/api/learn/deck/\(deck)/sessions", "{\"mode\": \"\(mode)\"}", by: learner, at: start
        ).id("id"))
      try await answer(bench, session, cards[0], correct: true, by: learner, at: start + 1000)
      try await answer(bench, session, cards[1], correct: learner == 5, by: learner, at: start + 2000)
      if learner == 5 {
        try await answer(bench, session, cards[2], correct: false, by: learner, at: start + 3000)
        let finish = try await bench.ask(
          "POST", "/api/learn/sessions/\(session)/finish", by: learner, at: start + 60_000)
        #expect(finish.status == 200, "\(finish.text)")
      }
    }
    let elsewhere = try #require(
      try await bench.ask("POST", "/api/learn/deck/\(other)/sessions", "{\"mode\": \"all\"}", by: 5, at: start).id("id")
    )
    try await answer(bench, elsewhere, foreign, correct: true, by: 5, at: start)
    let test = """
      {"total_time_seconds": 9, "card_results": [{"card_id": \(cards[0]), "correct": true, "answer_time_seconds": 1},
        {"card_id": \(cards[3]), "correct": false, "answer_time_seconds": 1}]}
      """
    #expect(try await bench.ask("POST", "/api/deck/\(deck)/results", test, by: 5, at: start + 90_000).status == 201)
    #expect(try await bench.ask("DELETE", "/api/deck/\(deck)/cards/\(cards[1])").status < 300)

    let question = "{\"user_ids\": [5, 6, 7], \"deck_ids\": [\(deck)]}"
    let found = try await ask(bench, "learned", question)
    #expect(found.status == 200, "\(found.text)")
    let (five, six) = (found.json?.elements?.first, found.json?.elements?.last)
    #expect(found.json?.elements?.count == 2 && five?["user_id"]?.int == 5 && six?["user_id"]?.int == 6)
    for one in [five, six] { #expect((one?["card_ids"]?.elements ?? []).compactMap(\.int) == [cards[0]]) }
    // The event of the session and this say the same.
    let finished = try #require(
      try await bench.sql(
        """
        SELECT value::jsonb -> 'payload' ->> 'session_id', value::jsonb -> 'payload' ->> 'duration_sec' FROM outbox
        WHERE value::jsonb ->> 'event_type' = 'learning_session_finished' AND value::jsonb -> 'payload' ->> 'deck_id' = '\(deck)'
        """
      ).first)
    let session = five?["sessions"]?.elements?.first
    #expect(session?["session_id"]?.int == Int(try finished.value(0, as: String.self)))
    #expect(session?["duration_sec"]?.int == Int(try finished.value(1, as: String.self)))
    #expect(six?["sessions"]?.elements == [] && six?["tests"]?.elements == [])
    let taken = five?["tests"]?.elements?.first
    #expect(taken?["cards_total"]?.int == 2 && taken?["cards_correct"]?.int == 1)
    #expect(five?["last_seen_at"] == taken?["completed_at"])
    #expect(try await ask(bench, "learned", "{\"user_ids\": [5], \"deck_ids\": []}").text == "[]\n")
  }
}
