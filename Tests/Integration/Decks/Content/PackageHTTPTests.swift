import AnkiMaking
import Foundation
import HTTPServiceTesting
import JSON
import RealServers
import Testing

/// `POST /api/decks/{id}/import/apkg`
@Suite struct PackageHTTPTests {
  private static let gif = Array("GIF89a, as far as anybody looks".utf8)

  private func load(
    _ bench: ContentBench, _ deck: Int, _ package: [UInt8], _ query: String = "", headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    try await bench.ask(
      "POST", "/api/decks/\(deck)/import/apkg\(query)", file: package, type: "application/x-apkg", headers: headers)
  }

  private func real(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: Kartoteka.root.appending(path: "Tests/Support/AnkiMaking/Real/\(name).apkg")))
  }

  /// Front, back, and which sides have images.
  private func cards(_ bench: ContentBench, _ deck: Int) async throws -> [[String]] {
    let cards = try await bench.ask("GET", "/api/decks/\(deck)/export?format=json", by: nil)["cards"].elements ?? []
    return cards.map { card in
      [card["front_text"]?.string ?? "?", card["back_text"]?.string ?? "?"]
        + ["front", "back"].filter { card["\($0)_image_url"]?.string != nil }
    }
  }

  private func losses(_ answer: RouterAnswer) -> [String] {
    (answer["lost"].elements ?? []).map { loss in
      "\(loss["kind"]?.string ?? "?") \(loss["count"]?.int ?? 0) \((loss["examples"]?.strings ?? []).joined(separator: "|"))"
    }
  }

  /// What Anki itself exported, in both ways that it has, and what comes out of it again.
  @Test(arguments: ["legacy", "latest"]) func whatGoesInComesOut(_ name: String) async throws {
    let bench = try await ContentBench()
    let (deck, other) = (try await bench.deck(#""tags": ["mine"]"#), try await bench.deck())
    _ = try await bench.takeEvents()
    let done = try await load(bench, deck, try real(name))
    #expect(done.status == 200 && done["notes"].int == 7 && done["created"].int == 5, "\(done.text)")
    #expect(done["images"].int == 2 && done["tags_added"].strings == ["animals", "russian"])
    #expect(
      losses(done) == [
        "cloze 1 The {{c1::sun}} is {{c2::hot}}", "empty_side 1 no back", "further_fields 1 Extra",
        "further_cards 1 dog",
        "sounds 1 ", "formatting 1 What is this?", "progress 1 кот",
      ])
    let expected = [
      ["кот", "cat"], ["What is this?", "a cat & nothing else", "front"], ["", "Map", "front"], ["dog", "пёс\nсобака"],
      ["one", "1"],
    ]
    #expect(try await cards(bench, deck) == expected)
    let events = try await bench.takeEvents()
    #expect(events.filter { $0.hasPrefix("card_created") }.count == 5)
    #expect(events.filter { $0.hasPrefix("deck_updated") }.count == 1 && events.count == 6)
    let detail = try await bench.ask("GET", "/api/decks/\(deck)/")
    #expect(detail["tags"].strings == ["animals", "mine", "russian"] && detail["cards_amount"].int == 5)
    let url = try #require(detail["cards"].elements?[1]["front_image_url"]?.string)
    let image = try await PlainRequest.send("GET", url)
    #expect(image.status == 200 && image.body.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
    #expect(try await bench.number("SELECT count(*) FROM image_sweep") == 0)
    #expect(try await bench.objects().count == 2)
    // As a table it goes into another deck, where what has no words cannot be.
    let table = try await bench.ask("GET", "/api/decks/\(deck)/export?format=csv")
    let words = table.text.split(separator: "\r\n").filter { !$0.contains("\"Map\"") }.joined(separator: "\r\n")
    #expect(try await bench.ask("POST", "/api/decks/\(other)/import", file: Array(words.utf8))["created"].int == 4)
    #expect(
      try await cards(bench, other).map { $0.prefix(2) } == expected.filter { $0[1] != "Map" }.map { $0.prefix(2) })
    // Once more, nothing is new: pictures are known by their bytes.
    _ = try await bench.takeEvents()
    let again = try await load(bench, deck, try real(name), "?duplicates=update")
    #expect(again["created"].int == 0 && again["updated"].int == 0 && again["skipped"].int == 5, "\(again.text)")
    #expect(try await load(bench, deck, try real(name))["skipped"].int == 5)
    #expect(try await bench.events() == [])
  }

  @Test func aTrialWritesNothing() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    _ = try await bench.takeEvents()
    let trial = try await load(bench, deck, try real("latest"), "?dry_run=true")
    #expect(trial["dry_run"] == .bool(true) && trial["created"].int == 5 && trial["preview"].elements?.count == 5)
    #expect(try await bench.events() == [])
    #expect(try await bench.objects() == [])
    #expect(try await bench.number("SELECT count(*) FROM cards") == 0)
    #expect(try await bench.number("SELECT count(*) FROM image_sweep") == 0)
  }

  @Test func duplicatesByWordsAndPicture() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    var maker = AnkiMaker([
      .init("What?<img src=a.png>", "one"), .init("What?<img src=b.gif>", "two"), .init("What?", "three"),
      .init("What?<img src=a2.png>", "four"),
    ])
    maker.files = [("a.png", ContentBench.png), ("b.gif", Self.gif), ("a2.png", ContentBench.png)]
    #expect(try await load(bench, deck, maker.latest.bytes)["created"].int == 3)
    #expect(
      try await cards(bench, deck) == [["What?", "one", "front"], ["What?", "two", "front"], ["What?", "three"]])
    _ = try await bench.takeEvents()
    maker.notes[1].fields[1] = "zwei<img src=a.png>"
    let updated = try await load(bench, deck, maker.legacy().bytes, "?duplicates=update")
    #expect(updated["created"].int == 0 && updated["updated"].int == 2, "\(updated.text)")
    #expect(
      try await cards(bench, deck) == [
        ["What?", "four", "front"], ["What?", "zwei", "front", "back"], ["What?", "three"],
      ])
    #expect(try await bench.takeEvents().count == 2)
    #expect(try await load(bench, deck, maker.legacy().bytes, "?duplicates=add")["created"].int == 4)
    #expect(try await bench.objects().count == 2 + 1 + 4)
  }

  @Test func whatIsLostIsTold() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let many = (1...25).map { "t\($0)" }.joined(separator: " ")
    var maker = AnkiMaker([
      .init("a<img src=x.svg> <img src='gone.png'> <img src=ok.png><img src=second.gif>", "b[sound:s.mp3]", tags: many),
      .init("c", "d", tags: "leech t1"), .init(String(repeating: "x", count: 4001), "long"),
    ])
    maker.files = [
      ("x.svg", Array("<svg onload='alert(1)'/>".utf8)), ("ok.png", ContentBench.png), ("second.gif", Self.gif),
      ("s.mp3", [1]), ("large.png", ContentBench.png + [UInt8](repeating: 0, count: 5 << 20)),
    ]
    maker.notes.append(.init("big<img src=large.png>", "e"))
    let done = try await load(bench, deck, maker.legacy().bytes)
    #expect(
      losses(done).contains("images 4 x.svg|gone.png|second.gif|large.png"), "\(done.text)")
    #expect(
      losses(done).contains { $0.hasPrefix("tags 5 ") } && losses(done).contains { $0.hasPrefix("long_text 1 xxx") })
    #expect(losses(done).contains("sounds 1 a[x.svg] [gone.png] [second.gif]"))
    #expect(
      try await cards(bench, deck) == [
        ["a[x.svg] [gone.png] [second.gif]", "b", "front"], ["c", "d"], ["big[large.png]", "e"],
      ])
    #expect(done["tags_added"].strings.count == 20 && done["tags_added"].strings.contains("t1"))
    #expect(!done["tags_added"].strings.contains("leech"))
  }

  @Test func aRefusalSaysWhyAndLeavesNothing() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    _ = try await bench.takeEvents()
    var path = AnkiMaker().legacy()
    path.add("../../etc/passwd", [1])
    for (package, reason) in [
      (Array("no package".utf8), "is no Anki package"), ([], "has no collection"), (path.bytes, "has a file of a name"),
      (
        ZipMaker([.init("collection.anki2", Array("SQLite format 3\0".utf8))]).bytes,
        "has a collection that cannot be read"
      ),
      (AnkiMaker((0..<10_001).map { .init("\($0)", "b") }).legacy().bytes, "has more than the 10000 notes"),
    ] {
      let refused = try await load(bench, deck, package)
      #expect(refused.status == 400 && refused.code == "PACKAGE_REFUSED", "\(refused.text)")
      #expect(refused.details.first?.hasPrefix(": \(reason)") == true, "\(refused.text)")
    }
    #expect(try await load(bench, deck, [UInt8](repeating: 0, count: 32 << 20 + 1)).status == 413)
    #expect(
      try await bench.ask("POST", "/api/decks/\(deck)/import/apkg", file: [1], type: "text/csv").code
        == "UNSUPPORTED_MEDIA_TYPE")
    #expect(try await bench.events() == [])
    #expect(try await bench.objects() == [])
    #expect(try await bench.number("SELECT count(*) FROM cards") == 0)
  }

  /// Who may not change the deck is told so before his bytes are looked at.
  @Test func onlyTheOwnerImports() async throws {
    let bench = try await ContentBench()
    let (deck, secret) = (try await bench.deck(by: 2), try await bench.deck(#""visibility": "private""#, by: 2))
    #expect(try await load(bench, deck, Array("no package".utf8)).code == "DECK_NOT_YOURS")
    #expect(try await load(bench, secret, Array("no package".utf8)).code == "DECK_NOT_FOUND")
    #expect(try await load(bench, 999_999, Array("no package".utf8)).code == "DECK_NOT_FOUND")
    let mine = try await bench.deck()
    #expect(try await load(bench, mine, AnkiMaker().legacy().bytes, headers: ["If-Match": "\"v7\""]).status == 412)
  }

  @Test func aRepeatedRequestIsDoneOnce() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    var maker = AnkiMaker([.init("<img src=a.png>", "a"), .init("b", "c")])
    maker.files = [("a.png", ContentBench.png)]
    let (package, key) = (maker.latest.bytes, ["Idempotency-Key": "k1"])
    let first = try await load(bench, deck, package, "?duplicates=add", headers: key)
    #expect(first["created"].int == 2)
    #expect(try await load(bench, deck, package, "?duplicates=add", headers: key).text == first.text)
    #expect(try await bench.number("SELECT count(*) FROM cards") == 2)
    #expect(try await bench.objects().count == 1)
    maker.notes[1].fields[0] = "other"
    #expect(
      try await load(bench, deck, maker.latest.bytes, "?duplicates=add", headers: key).code == "IDEMPOTENCY_KEY_REUSED")
  }

  /// The version that it names is the one from before it was done.
  @Test func aRepeatedRequestOfAVersionGetsTheFirstReply() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let tag = try #require(try await bench.ask("GET", "/api/decks/\(deck)/")[header: "ETag"])
    let (package, headers) = (AnkiMaker().latest.bytes, ["Idempotency-Key": "k1", "If-Match": tag])
    let first = try await load(bench, deck, package, headers: headers)
    #expect(first["created"].int == 1)
    #expect(try await load(bench, deck, package, headers: headers).text == first.text)
    #expect(try await load(bench, deck, package, headers: ["If-Match": tag]).status == 412)
  }

  /// An image that many notes show would be written for each of them.
  @Test func imagesAreCountedAsOftenAsTheyAreShown() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    var maker = AnkiMaker((0..<30).map { .init("<img src=a.png> \($0)", "a") })
    // Nothing that packs well.
    var state: UInt64 = 1
    let noise = (0..<4 << 20).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    maker.files = [("a.png", ContentBench.png + noise)]
    #expect(try await load(bench, deck, maker.latest.bytes).code == "TOO_MANY_IMAGES")
    #expect(try await bench.number("SELECT count(*) FROM cards") == 0)
    #expect(try await bench.objects().isEmpty)
  }

  /// Who has many cards keeps to the deck's bound, and images that no card took are swept.
  @Test func aFullDeckTakesNothing() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let rows = (1...9_999).map { "f\($0),b" }.joined(separator: "\n")
    #expect(try await bench.ask("POST", "/api/decks/\(deck)/import", file: Array(rows.utf8))["created"].int == 9_999)
    var maker = AnkiMaker([.init("<img src=a.png>", "a"), .init("b", "c")])
    maker.files = [("a.png", ContentBench.png)]
    #expect(try await load(bench, deck, maker.latest.bytes).code == "DECK_FULL")
    #expect(try await bench.objects() == [])
  }

  /// Many packages at once: some are told to wait, and each that is taken is done whole.
  @Test func manyAtOnceAreRefusedOrDone() async throws {
    let bench = try await ContentBench()
    let decks = try await (0..<6).asyncMap { _ in try await bench.deck() }
    var maker = AnkiMaker((0..<500).map { .init("f\($0) <img src=a.png>", "b") })
    maker.files = [("a.png", ContentBench.png)]
    let package = maker.latest.bytes
    let answers = try await withThrowingTaskGroup(of: RouterAnswer.self) { group in
      for deck in decks { group.addTask { try await load(bench, deck, package) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let done = answers.filter { $0.status == 200 }
    #expect(!done.isEmpty && done.allSatisfy { $0["created"].int == 500 })
    #expect(answers.filter { $0.status != 200 }.allSatisfy { $0.status == 503 && $0[header: "Retry-After"] != nil })
    #expect(try await bench.number("SELECT count(*) FROM cards") == 500 * done.count)
  }
}

extension Sequence {
  fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
