import Testing

/// Learning beside the half of the service that changes decks.
@Suite struct WholeServiceTests {
  @Test func aCardThatComesInFrontOfThoseAskedIsAskedToo() async throws {
    let bench = try await ContentBench()
    let deck = try #require(try await bench.ask("POST", "/api/decks/", "{\"title\": \"Rivers\"}").id("id"))
    func card(_ text: String, at place: Int) async throws -> Int64 {
      let body = "{\"front_text\": \"\(text)\", \"back_text\": \"b\", \"order_index\": \(place)}"
      return try #require(try await bench.ask("POST", "/api/deck/\(deck)/cards", body).id("id"))
    }
    let cards = [try await card("Oka", at: 10), try await card("Kama", at: 20), try await card("Don", at: 30)]
    let session = try #require(
      try await bench.ask("POST", "/api/learn/deck/\(deck)/sessions", "{\"mode\": \"all\"}", by: 5).id("id"))
    let path = "/api/learn/sessions/\(session)"
    func answer(_ card: Int64, _ id: Int) async throws -> Int {
      let body = """
        {"answer_id": "00000000-0000-4000-8000-00000000000\(id)", "correct": true, "answer_time_seconds": 2, "rating": 4}
        """
      return try await bench.ask("POST", "\(path)/cards/\(card)/answer", body, by: 5).status
    }
    for (index, card) in cards.prefix(2).enumerated() { #expect(try await answer(card, index) == 200) }
    let first = try await card("Ob", at: 1)
    let next = try await bench.ask("GET", "\(path)/next", by: 5)
    #expect(next.id("next", "card", "id") == first && next.text("next", "card", "front_text") == "Ob")
    #expect(try await answer(cards[2], 2) == 200)
    #expect(try await bench.ask("GET", path, by: 5).text("status") == "active")
    #expect(try await bench.ask("DELETE", "/api/deck/\(deck)/cards/\(cards[0])").status < 300)
    #expect(try await answer(first, 3) == 200)
    #expect(try await bench.ask("GET", path, by: 5).text("status") == "finished")
    #expect(bench.metrics.exposition().contains("learn_answers_total 4"))
  }
}
