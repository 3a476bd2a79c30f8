import CivilTime
import Decks
import Testing

@Suite struct TestResultTests {
  private let noon = LearningBench.noon

  private func body(_ cards: [Int64], wrong: Set<Int64> = [], total: Double = 12) -> String {
    let results = cards.map {
      "{\"card_id\": \($0), \"correct\": \(!wrong.contains($0)), \"answer_time_seconds\": 2.5, \"user_answer\": \"Ответ \\\"\($0)\\\"\"}"
    }
    return "{\"total_time_seconds\": \(total), \"card_results\": [\(results.joined(separator: ","))]}"
  }

  @Test func aTestIsScoredHereAndKeptWithItsEvent() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 4)
    let path = "/api/deck/\(deck)/results"
    let result = try await bench.web.ask("POST", path, body(cards, wrong: [cards[1]]))
    #expect(result.status == 201 && result.id("cards_correct") == 3 && result.value(["score"]) == .number("75"))
    #expect(result.text("completed_at") == "2026-03-02T12:00:00.000Z")
    #expect(
      try bench.events("test_completed", "(p ->> 'correct_rate')::float8 = 0.75 AND (p ->> 'total_time_sec')::int = 12")
        == 1)
    #expect(
      try bench.admin.text("SELECT user_answer FROM test_result_cards WHERE place = 1") == "Ответ \"\(cards[1])\"")
    let foreign = try bench.deck(cards: 1).cards[0]
    for wrong in [[foreign], [cards[0], cards[0]]] {
      let refused = try await bench.web.ask("POST", path, body(wrong))
      #expect(refused.status == 400 && refused.code == "CARDS_NOT_OF_DECK", "\(refused.text)")
    }
    for wrong in [body([]), body(cards, total: -1), "{\"total_time_seconds\": 1}"] {
      #expect(try await bench.web.ask("POST", path, wrong).status == 422)
    }
    let hidden = try bench.deck(cards: 1, isPrivate: true)
    #expect(
      try await bench.web.ask("POST", "/api/deck/\(hidden.id)/results", body(hidden.cards)).code == "DECK_NOT_FOUND")
    #expect(try await bench.web.ask("POST", path, body(cards), as: nil).status == 401)
    #expect(try bench.differences() == [] && bench.events("test_completed") == 1)
  }

  @Test func underAKeyItIsKeptOnce() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 2)
    let (path, key) = ("/api/deck/\(deck)/results", ["Idempotency-Key": "one"])
    let first = try await bench.web.ask("POST", path, body(cards), headers: key)
    let web = bench.web
    let text = body(cards)
    let again = try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for index in 0..<6 {
        // The last three have a key that is new to all of them.
        let headers = ["Idempotency-Key": index < 3 ? "one" : "two"]
        group.addTask {
          let answer = try await web.ask("POST", path, text, at: LearningBench.noon.after(minutes: 1), headers: headers)
          return (answer.status, answer.text)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(again.allSatisfy { $0.0 == 201 } && Set(again.map(\.1)).count == 2)
    #expect(again.filter { $0.1 == first.text }.count == 3)
    #expect(try bench.admin.number("SELECT count(*) FROM test_results") == 2 && bench.differences() == [])
    let reused = try await bench.web.ask("POST", path, body(cards, total: 13), headers: key)
    #expect(reused.status == 409 && reused.code == "IDEMPOTENCY_KEY_REUSED")
    let bad = try await bench.web.ask("POST", path, body(cards), headers: ["Idempotency-Key": ""])
    #expect(bad.code == "INVALID_IDEMPOTENCY_KEY")
    // One that failed may be tried again under its key.
    let late = ["Idempotency-Key": "three"]
    let gone = try bench.deck(cards: 1)
    #expect(try await bench.web.ask("POST", path, body(gone.cards), headers: late).status == 400)
    #expect(try await bench.web.ask("POST", path, body(cards), headers: late).status == 201)
    #expect(try await bench.web.ask("POST", path, body(cards), as: 8, headers: key).text != first.text)
  }

  @Test func ownResultsComeInPages() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 1)
    let path = "/api/deck/\(deck)/results"
    var ids: [Int64] = []
    for number in 0..<5 {
      // Two at a time have one moment.
      let moment = noon.after(minutes: Double(number / 2))
      ids.insert(try #require(try await bench.web.ask("POST", path, body(cards), at: moment).id("id")), at: 0)
    }
    _ = try await bench.web.ask("POST", path, body(cards), as: 8)
    var (found, cursor): ([Int64], String?) = ([], nil)
    repeat {
      let page = try await bench.web.ask("GET", "\(path)?limit=2\(cursor.map { "&cursor=\($0)" } ?? "")")
      found += (page.json?.elements ?? []).compactMap { if case .number(let id)? = $0["id"] { Int64(id) } else { nil } }
      cursor = page[header: "X-Next-Cursor"]
    } while cursor != nil
    #expect(found == ids)
    #expect(try await bench.web.ask("GET", "\(path)?cursor=x").code == "INVALID_CURSOR")
    #expect(try await bench.web.ask("GET", "/api/deck/999/results").code == "DECK_NOT_FOUND")
  }

  @Test func howADecksTestsWentIsItsOwnersToSee() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(owner: 7, cards: 3)
    let path = "/api/decks/\(deck)/stats/"
    let none = try await bench.web.ask("GET", path)
    #expect(
      none.id("total_tests") == 0 && none.value(["avg_score"]) == nil && none.value(["card_stats"])?.elements == [])
    _ = try await bench.web.ask("POST", "/api/deck/\(deck)/results", body(cards, wrong: [cards[0]], total: 10), as: 8)
    _ = try await bench.web.ask("POST", "/api/deck/\(deck)/results", body([cards[0]], total: 20), as: 9)
    let stats = try await bench.web.ask("GET", path)
    #expect(stats.id("total_tests") == 2 && stats.value(["correct_rate"]) == .number("0.75"))
    #expect(stats.value(["avg_time_seconds"]) == .number("15"))
    let score = try #require(stats.value(["avg_score"])?.asDouble)
    #expect(abs(score - (200.0 / 3 + 100) / 2) < 1e-9)
    let first = try #require(stats.value(["card_stats"])?.elements?.first)
    #expect(
      first["card_id"] == .number("\(cards[0])") && first["answers"] == .number("2")
        && first["correct_rate"] == .number("0.5"))
    // A card that is gone is in no statistics; the tests stay.
    try bench.change(deck, "DELETE FROM cards WHERE id = \(cards[0])")
    let later = try await bench.web.ask("GET", path.dropLast().description)
    #expect(later.value(["card_stats"])?.elements?.count == 2 && later.id("total_tests") == 2)
    #expect(try await bench.web.ask("GET", path, as: 8).code == "DECK_NOT_YOURS")
    #expect(try await bench.web.ask("GET", path, as: 8, isManager: true).status == 200)
    try bench.change(deck, "UPDATE decks SET visibility = 'private' WHERE id = \(deck)")
    #expect(try await bench.web.ask("GET", path, as: 8).code == "DECK_NOT_FOUND")
    #expect(try await bench.web.ask("GET", path, as: nil).status == 401)
  }
}
