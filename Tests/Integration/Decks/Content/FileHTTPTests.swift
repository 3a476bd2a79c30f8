import HTTPServiceTesting
import JSON
import RealServers
import Testing

@Suite struct FileHTTPTests {
  private func load(
    _ bench: ContentBench, _ deck: Int, _ text: String, _ query: String = "", headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    try await bench.ask("POST", "/api/decks/\(deck)/import\(query)", file: Array(text.utf8), headers: headers)
  }

  @Test func aTrialSaysWhatWouldBeDoneAndDoesNothing() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    _ = try await bench.card(in: deck, "кот")
    _ = try await bench.takeEvents()
    let tag = try await bench.ask("GET", "/api/decks/\(deck)/")[header: "ETag"]
    let trial = try await load(bench, deck, "вопрос;ответ\nкот;cat\nпёс;dog\n", "?dry_run=true")
    #expect(trial.status == 200 && trial["dry_run"] == .bool(true) && trial["has_header"] == .bool(true))
    #expect(trial["delimiter"] == .string("semicolon") && trial["rows"].int == 2)
    #expect(trial["created"].int == 1 && trial["skipped"].int == 1 && trial["updated"].int == 0)
    #expect(
      (trial["preview"].elements ?? []).map { "\($0["row"]?.int ?? 0) \($0["action"]?.string ?? "")" } == [
        "2 skip", "3 create",
      ])
    #expect(try await bench.events() == [])
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/")[header: "ETag"] == tag)
  }

  @Test func rowsBecomeCards() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let cat = try await bench.card(in: deck, "кот")
    _ = try await bench.takeEvents()
    let text = "front,back\nкот,cat\nпёс,dog\nпёс,hound\n"
    let skipped = try await load(bench, deck, text)
    #expect(skipped["created"].int == 1 && skipped["skipped"].int == 2)
    #expect(try await bench.takeEvents().map { $0.prefix(12) } == ["card_created"])
    let updated = try await load(bench, deck, text, "?duplicates=update")
    #expect(updated["updated"].int == 2 && updated["created"].int == 0)
    let events = try await bench.takeEvents()
    #expect(events.count == 2 && events[0] == "card_updated card:\(cat)" && events[1].hasPrefix("card_updated"))
    // Nothing is left to change.
    #expect(try await load(bench, deck, text, "?duplicates=update")["updated"].int == 0)
    #expect(try await bench.takeEvents() == [])
    let added = try await load(bench, deck, text, "?duplicates=add")
    #expect(added["created"].int == 3)
    #expect(try await bench.takeEvents().count == 3)
    let detail = try await bench.ask("GET", "/api/decks/\(deck)/")
    #expect(detail["cards_amount"].int == 5)
    #expect(
      (detail["cards"].elements ?? []).compactMap { $0["back_text"]?.string } == [
        "cat", "hound", "cat", "dog", "hound",
      ])
  }

  @Test func oneWrongRowAndNothingIsImported() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    _ = try await bench.takeEvents()
    let refused = try await load(bench, deck, "front,back\na,b\n,c\nd,\n")
    #expect(refused.status == 400 && refused.code == "IMPORT_REFUSED")
    #expect(refused.details == ["rows[3]: has an empty front", "rows[4]: has an empty back"])
    #expect(try await bench.number("SELECT count(*) FROM cards") == 0)
    for file in ["", "one column", "a,\"b", "a,b\n\u{0}\u{0},\u{0}"] {
      #expect(try await load(bench, deck, file).code == "IMPORT_REFUSED", "\(file)")
    }
    let latin = try await bench.ask("POST", "/api/decks/\(deck)/import", file: [0xCF, 0xF0, 0x2C, 0xE8])
    #expect(latin.details.first?.contains("not UTF-8") == true)
    let other = try await bench.ask("POST", "/api/decks/\(deck)/import", file: [1], type: "application/zip")
    #expect(other.code == "UNSUPPORTED_MEDIA_TYPE")
    let large = try await bench.ask("POST", "/api/decks/\(deck)/import", file: [UInt8](repeating: 97, count: 9 << 20))
    #expect(large.status == 413)
    #expect(try await bench.events() == [])
  }

  @Test func tenThousandRowsInOneGo() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    _ = try await bench.takeEvents()
    let rows = (1...10_000).map { "\"front \($0)\"\tback \($0)" }.joined(separator: "\n")
    let done = try await bench.ask(
      "POST", "/api/decks/\(deck)/import", file: Array(rows.utf8), type: "text/tab-separated-values; charset=utf-8")
    #expect(done["created"].int == 10_000 && done["delimiter"] == .string("tab"), "\(done.text.prefix(300))")
    #expect(try await bench.number("SELECT count(DISTINCT key) FROM outbox") == 10_000)
    let detail = try await bench.ask("GET", "/api/decks/\(deck)/")
    #expect(detail["cards"].elements?.last?["front_text"] == .string("front 10000"))
    #expect(try await load(bench, deck, "x,y").code == "DECK_FULL")
  }

  @Test func aRepeatedRequestIsDoneOnce() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    _ = try await bench.takeEvents()
    let key = ["Idempotency-Key": "k1"]
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<4 {
        group.addTask { try await load(bench, deck, "a,b\nc,d", "?duplicates=add", headers: key).text }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(answers.count == 1 && answers.first?.contains("\"created\":2") == true, "\(answers)")
    #expect(try await bench.takeEvents().count == 2)
    #expect(try await load(bench, deck, "a,b\nc,e", "?duplicates=add", headers: key).code == "IDEMPOTENCY_KEY_REUSED")
    #expect(try await load(bench, deck, "a,b", headers: ["Idempotency-Key": ""]).code == "INVALID_IDEMPOTENCY_KEY")
    // A refusal is not kept.
    let refused = ["Idempotency-Key": "k2"]
    #expect(try await load(bench, deck, "a,", headers: refused).code == "IMPORT_REFUSED")
    #expect(try await load(bench, deck, "x,y", headers: refused)["created"].int == 1)
  }

  @Test func anExportIsAFileThatAnImportReads() async throws {
    let bench = try await ContentBench()
    let (deck, other) = (try await bench.deck(), try await bench.deck())
    let texts = ["=1+1", "'=x", "a;b,c", "кот", "-5", #"say \"hi\""#, #"two\nlines"#]
    for text in texts { _ = try await bench.card(in: deck, text, #", "order_index": 3"#) }
    let file = try await bench.ask("GET", "/api/decks/\(deck)/export", by: nil)
    #expect(file[header: "Content-Type"] == "text/csv; charset=utf-8")
    #expect(file[header: "Content-Disposition"] == "attachment; filename=\"deck-\(deck).csv\"")
    #expect(file.text.contains("\"'=1+1\"") && file.text.contains("\"''=x\"") && file.text.contains("\"'-5\""))
    let read = try await load(bench, other, file.text)
    #expect(read["created"].int == texts.count, "\(read.text)")
    func cards(_ deck: Int) async throws -> [[JSONValue?]] {
      let cards = try await bench.ask("GET", "/api/decks/\(deck)/")["cards"].elements ?? []
      return cards.map { [$0["front_text"], $0["back_text"], $0["order_index"]] }
    }
    #expect(try await cards(other) == cards(deck))
    let json = try await bench.ask("GET", "/api/decks/\(deck)/export?format=json", by: nil)
    #expect(
      json[header: "Content-Type"] == "application/json; charset=utf-8" && json.ids(of: "cards").count == texts.count)
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/export?format=xml").code == "VALIDATION_FAILED")
  }

  @Test func aCopyIsADeckOfItsOwn() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck(#""tags": ["t"], "categories": ["history"], "description": "d""#)
    let (first, second) = (try await bench.card(in: deck, "1"), try await bench.card(in: deck, "2"))
    for side in ["front", "back"] {
      let key = try await bench.upload()
      #expect(
        try await bench.ask("PATCH", "/api/deck/\(deck)/cards/\(first)", "{\"\(side)_image_url\": \"\(key)\"}").status
          == 200)
    }
    _ = try await bench.takeEvents()
    let key = ["Idempotency-Key": "again"]
    let made = try await bench.ask("POST", "/api/decks/\(deck)/copy", by: 2, headers: key)
    #expect(made.status == 201 && made["owner_id"].int == 2 && made["copied_from"].int == deck, "\(made.text)")
    #expect(made["cards_amount"].int == 2 && made["tags"].strings == ["t"] && made["categories"].strings == ["history"])
    let copy = try #require(made["id"].int)
    let detail = try await bench.ask("GET", "/api/decks/\(copy)/", by: nil)
    let cards = detail.ids(of: "cards")
    #expect(cards.count == 2 && Set(cards).isDisjoint(with: [first, second]))
    #expect(
      try await bench.takeEvents() == [
        "deck_created deck:\(copy) “T”", "card_created card:\(cards[0])", "card_created card:\(cards[1])",
      ])
    // Sent again, it is the same copy.
    #expect(try await bench.ask("POST", "/api/decks/\(deck)/copy", by: 2, headers: key).text == made.text)
    #expect(try await bench.number("SELECT count(*) FROM decks") == 2)
    // Its images outlive the first deck.
    #expect(try await bench.ask("DELETE", "/api/decks/\(deck)/").status == 204)
    try await bench.sql("UPDATE image_sweep SET due_at = clock_timestamp()")
    try await bench.service.sweepImages()
    let images = ["front", "back"].map { "decks/\(copy)/card/\(cards[0])/images/\($0).png" }
    #expect(try await bench.objects("decks/") == images.sorted())
    for name in ["front_image_url", "back_image_url"] {
      let url = try #require(detail["cards"].elements?.first?[name]?.string)
      #expect(try await PlainRequest.send("GET", url).body == ContentBench.png)
    }
  }
}
