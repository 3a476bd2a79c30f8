import HTTPServiceTesting
import JSON
import RealServers
import Testing

@Suite struct CardHTTPTests {
  private func tag(_ bench: ContentBench, _ deck: Int) async throws -> String {
    try #require(try await bench.ask("GET", "/api/decks/\(deck)/")[header: "ETag"])
  }

  @Test func aCardIsMadeChangedAndDeleted() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let made = try await bench.ask(
      "POST", "/api/deck/\(deck)/cards", #"{"front_text": "кот", "back_text": "cat", "order_index": 5}"#)
    #expect(made.status == 201 && made["deck_id"].int == deck && made["order_index"].int == 5)
    #expect(made["front_image_url"] == .null)
    let card = try #require(made["id"].int)
    let second = try await bench.card(in: deck, "first")
    let detail = try await bench.ask("GET", "/api/decks/\(deck)/", by: nil)
    #expect(detail.ids(of: "cards") == [second, card] && detail["cards_amount"].int == 2)
    let changed = try await bench.ask(
      "PATCH", "/api/deck/\(deck)/cards/\(card)", #"{"back_text": "Cat", "order_index": 0}"#)
    #expect(changed["front_text"] == .string("кот") && changed["back_text"] == .string("Cat"))
    #expect(changed[header: "ETag"] == (try await tag(bench, deck)))
    #expect(try await bench.ask("DELETE", "/api/deck/\(deck)/cards/\(card)").status == 204)
    #expect(try await bench.ask("DELETE", "/api/deck/\(deck)/cards/\(card)").code == "CARD_NOT_FOUND")
    #expect(try await bench.ask("PATCH", "/api/deck/\(deck)/cards/\(card)", "{}").code == "CARD_NOT_FOUND")
    #expect(
      try await bench.events() == [
        "deck_created deck:\(deck) “T”", "card_created card:\(card)", "card_created card:\(second)",
        "card_updated card:\(card)", "card_deleted card:\(card)",
      ])
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/")["cards_amount"].int == 1)
  }

  @Test func aCardOfAnotherDeckIsNone() async throws {
    let bench = try await ContentBench()
    let (mine, other) = (try await bench.deck(), try await bench.deck(by: 2))
    let answer = try await bench.ask(
      "POST", "/api/deck/\(other)/cards", #"{"front_text": "f", "back_text": "b"}"#, by: 2)
    let card = try #require(answer["id"].int)
    // By way of one's own deck.
    #expect(
      try await bench.ask("PATCH", "/api/deck/\(mine)/cards/\(card)", #"{"front_text": "x"}"#).code == "CARD_NOT_FOUND")
    #expect(try await bench.ask("DELETE", "/api/deck/\(mine)/cards/\(card)").code == "CARD_NOT_FOUND")
    let bulk = try await bench.ask(
      "PATCH", "/api/deck/decks/\(mine)/cards", "{\"cards\": [{\"id\": \(card), \"front_text\": \"x\"}]}",
      headers: ["If-Match": "*"])
    #expect(bulk.code == "BULK_REFUSED")
    #expect(try await bench.ask("GET", "/api/decks/\(other)/")["cards"].elements?.first?["front_text"] == .string("f"))
  }

  @Test func aBulkChangeIsDoneWhollyOrNotAtAll() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let (first, second) = (try await bench.card(in: deck, "1"), try await bench.card(in: deck, "2"))
    let before = try await tag(bench, deck)
    _ = try await bench.takeEvents()
    let refused = try await bench.ask(
      "PATCH", "/api/deck/decks/\(deck)/cards",
      """
      {"cards": [{"front_text": "new", "back_text": "b"}, {"id": 999, "front_text": "x"}, {"id": \(first), "back_text": "y"},
      {"id": \(first)}, {"front_text": "no back"}], "to_delete": [\(second), 998]}
      """, headers: ["If-Match": before])
    #expect(refused.status == 400 && refused.code == "BULK_REFUSED")
    #expect(
      refused.details == [
        "cards[3].id: card \(first) is named twice", "cards[4].back_text: is missing, and a new card needs it",
      ])
    let unknown = try await bench.ask(
      "PATCH", "/api/deck/decks/\(deck)/cards",
      #"{"cards": [{"front_text": "new", "back_text": "b"}, {"id": 999}], "to_delete": [\#(second), 998]}"#,
      headers: ["If-Match": before])
    #expect(unknown.details == ["cards[1]: the deck has no card 999", "to_delete[1]: the deck has no card 998"])
    #expect(try await bench.events() == [])
    #expect(try await tag(bench, deck) == before)

    let done = try await bench.ask(
      "PATCH", "/api/deck/decks/\(deck)/cards",
      #"{"cards": [{"front_text": "new", "back_text": "b"}, {"id": \#(first), "back_text": "y"}], "to_delete": [\#(second)]}"#,
      headers: ["If-Match": before])
    #expect(done.status == 200, "\(done.text)")
    let made = try #require(done.ids(of: "cards").first)
    #expect(done.ids(of: "cards") == [made, first] && done["deleted"].elements?.map(\.int) == [second])
    #expect(done["cards_amount"].int == 2)
    #expect(try await tag(bench, deck) == done[header: "ETag"])
    #expect(
      try await bench.events() == [
        "card_created card:\(made)", "card_updated card:\(first)", "card_deleted card:\(second)",
      ])
    // Again with what was seen before it.
    let lost = try await bench.ask(
      "PATCH", "/api/deck/decks/\(deck)/cards", #"{"to_delete": [\#(first)]}"#, headers: ["If-Match": before])
    #expect(lost.code == "PRECONDITION_FAILED")
    let unasked = try await bench.ask("PATCH", "/api/deck/decks/\(deck)/cards", #"{"to_delete": [\#(first)]}"#)
    #expect(unasked.status == 428 && unasked.code == "PRECONDITION_REQUIRED")
    #expect(
      try await bench.ask("PATCH", "/api/deck/decks/\(deck)/cards", "{}", headers: ["If-Match": "*"]).status == 200)
  }

  @Test(arguments: [
    (#"{"front_text": "f"}"#, "back_text: is missing"), (#"{"front_text": "", "back_text": "b"}"#, "front_text"),
    (#"{"front_text": "f", "back_text": "b", "order_index": -1}"#, "order_index"),
    (#"{"front_text": "f", "back_text": "b", "x": 1}"#, "x: is not a known field"),
    (#"{"front_text": "f\u0000", "back_text": "b"}"#, "front_text"),
    (#"{"front_text": 1, "back_text": "b"}"#, "front_text"),
    (#"{"front_text": "f", "back_text": "", "back_image_url": null}"#, "back_text: must not be empty, unless"),
  ])
  func aWrongCardIsRefusedWithItsPlace(_ body: String, _ place: String) async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let refused = try await bench.ask("POST", "/api/deck/\(deck)/cards", body)
    #expect(refused.status == 422 && refused.details.contains { $0.hasPrefix(place) }, "\(refused.text)")
  }

  /// Whether a side stays without words and image is known of the card as it is only: the request is well formed.
  @Test func aCardIsNotChangedToNothing() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let card = try await bench.card(in: deck)
    let refused = try await bench.ask("PATCH", "/api/deck/\(deck)/cards/\(card)", #"{"front_text": ""}"#)
    #expect(refused.status == 400 && refused.code == "CARD_REFUSED", "\(refused.text)")
    #expect(refused.details == ["front_text: must not be empty, unless this side has an image"])
  }

  /// Of cards made at once none is lost, nor counted twice.
  @Test func cardsMadeAtOnceAreAllCounted() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<24 { group.addTask { _ = try await bench.card(in: deck, "\(number)") } }
      try await group.waitForAll()
    }
    let detail = try await bench.ask("GET", "/api/decks/\(deck)/")
    #expect(detail["cards_amount"].int == 24 && Set(detail.ids(of: "cards")).count == 24)
    #expect(try await bench.number("SELECT cards_amount FROM decks") == 24)
    #expect(try await bench.number("SELECT version FROM decks") == 25)
    // Events stand in the order of the commits: each deck's lock is held until then.
    let keys = try await bench.events().dropFirst().map { String($0.split(separator: ":")[1]) }
    #expect(keys.count == 24 && Set(keys).count == 24)
  }

  @Test func aDeckHasAnEnd() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    try await bench.sql(
      "INSERT INTO cards (deck_id, front_text, back_text, created_at, updated_at) SELECT \(deck), n, n, now(), now() FROM generate_series(1, 9999) n"
    )
    try await bench.sql("UPDATE decks SET cards_amount = 9999")
    let card = try await bench.card(in: deck)
    let body = #"{"front_text": "f", "back_text": "b"}"#
    #expect(try await bench.ask("POST", "/api/deck/\(deck)/cards", body).code == "DECK_FULL")
    #expect(try await bench.ask("PATCH", "/api/deck/\(deck)/cards/\(card)", #"{"back_text": "x"}"#).status == 200)
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/").ids(of: "cards").count == 10_000)
    // All of its cards' events in one transaction.
    _ = try await bench.takeEvents()
    #expect(try await bench.ask("DELETE", "/api/decks/\(deck)/").status == 204)
    let events = try await bench.events()
    #expect(events.count == 10_001 && events.last == "deck_deleted deck:\(deck) “T”")
  }
}
