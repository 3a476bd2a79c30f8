import Foundation
import HTTPServiceTesting
import JSON
import Testing

/// `POST /api/internal/export`
@Suite struct ExportTests {
  private func export(_ bench: ContentBench, _ person: Int) async throws -> RouterAnswer {
    try await bench.ask(asService: "POST", "/api/internal/export", "{\"user_id\": \(person)}")
  }

  @Test func whatIsSomebodysAndNothingElse() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck(#""visibility": "private""#)
    let empty = try await bench.deck()
    _ = try await bench.deck(by: 2)
    let (one, two) = (try await bench.card(in: deck, "one"), try await bench.card(in: deck, "two"))
    #expect(try await bench.ask("PATCH", "/api/learn/settings", #"{"new_per_day": 7}"#).status == 200)
    let session = try await bench.ask("POST", "/api/learn/deck/\(deck)/sessions", #"{"mode": "all"}"#)
    let id = try #require(session["id"].int, "\(session.text)")
    var given: [String] = []
    for (card, correct) in [(one, true), (two, false)] {
      given.append(UUID().uuidString.lowercased())
      let answered = try await bench.ask(
        "POST", "/api/learn/sessions/\(id)/cards/\(card)/answer",
        "{\"answer_id\": \"\(given.last!)\", \"correct\": \(correct), \"answer_time_seconds\": 2.5}")
      #expect(answered.status == 200, "\(answered.text)")
    }
    let result = try await bench.ask(
      "POST", "/api/deck/\(deck)/results",
      "{\"total_time_seconds\": 9, \"card_results\": [{\"card_id\": \(one), \"correct\": true, \"answer_time_seconds\": 4, \"user_answer\": \"eins\"}]}"
    )
    #expect(result.status == 201, "\(result.text)")

    let all = try await export(bench, 1)
    #expect(all.status == 200, "\(all.text)")
    #expect(all["settings"]["new_per_day"]?.int == 7)
    #expect(all.ids(of: "decks") == [deck, empty])
    let cards = all["decks"].elements?[0]["cards"]?.elements ?? []
    #expect(cards.map { $0["front_text"]?.string } == ["one", "two"])
    let answers = all["answers"].elements ?? []
    #expect(Set(answers.compactMap { $0["answer_id"]?.string }) == Set(given) && answers.count == 2)
    #expect(Set(answers.compactMap { $0["card_id"]?.int }) == [one, two])
    #expect(answers.allSatisfy { $0["answer_time_seconds"] == .number("2.5") && $0["rating"] == .null })
    let results = all["results"].elements ?? []
    #expect(results.count == 1 && results[0]["cards"]?.elements?.first?["user_answer"]?.string == "eins", "\(all.text)")

    let other = try await export(bench, 2)
    #expect(other.ids(of: "decks").count == 1 && other["answers"].elements == [] && other["results"].elements == [])
    // Who has never been here has what everybody has.
    #expect(try await export(bench, 999)["settings"]["new_per_day"]?.int == 20)
    // For services alone.
    #expect(try await bench.ask("POST", "/api/internal/export", #"{"user_id": 1}"#).code == "FOR_SERVICES_ONLY")
    #expect(
      try await bench.ask("POST", "/api/internal/export", #"{"user_id": 1}"#, isManager: true).code
        == "FOR_SERVICES_ONLY")
  }

  /// Over several pages nothing is missing and nothing comes twice; beyond the bound it is refused.
  @Test func manyAnswersAndABound() async throws {
    let bench = try await ContentBench()
    try await bench.sql("INSERT INTO learners (user_id) VALUES (1)")
    // Many at one moment, so that pages end between them.
    try await bench.sql(
      """
      INSERT INTO answers (user_id, answer_id, session_id, deck_id, card_id, number, correct, answer_time_ms, answered_at, is_known,
        cards_seen, cards_known, ends_session)
      SELECT 1, gen_random_uuid(), 1, 1, n, n, true, 1000, timestamptz '2026-01-01' + (n / 4000) * interval '1 s', true, 1, 1, false
      FROM generate_series(1, 12000) AS n
      """)
    try await bench.sql(
      """
      INSERT INTO decks (owner_id, title, visibility, created_at, updated_at)
      SELECT 1, 'D' || n, 'private', now(), now() FROM generate_series(1, 250) AS n
      """)
    let all = try await export(bench, 1)
    #expect(all.status == 200, "\(all.text.prefix(300))")
    let cards = (all["answers"].elements ?? []).compactMap { $0["card_id"]?.int }
    #expect(cards.count == 12_000 && Set(cards).count == 12_000)
    #expect(Set(all.ids(of: "decks")).count == 250)
    try await bench.sql("UPDATE decks SET description = repeat('x', 200000) WHERE owner_id = 1")
    #expect(try await export(bench, 1).code == "EXPORT_TOO_LARGE")
  }
}
