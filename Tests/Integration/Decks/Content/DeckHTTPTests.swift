import Foundation
import HTTPServiceTesting
import JSON
import RealServers
import Testing

@Suite struct DeckHTTPTests {
  @Test func aDeckIsMadeReadChangedAndDeleted() async throws {
    let bench = try await ContentBench()
    let made = try await bench.ask(
      "POST", "/api/decks/",
      #"{"title": "Глаголы", "description": "d", "categories": ["other", "history"], "tags": ["B", "a", "b "]}"#)
    #expect(made.status == 201 && made["owner_id"].int == 1 && made["visibility"] == .string("public"))
    #expect(made["categories"].strings == ["history", "other"] && made["tags"].strings == ["a", "b"])
    #expect(made["created_at"] == .string("2026-11-01T00:00:00.000Z") && made["cards_amount"].int == 0)
    #expect(made[header: "Location"] == "/api/decks/1/")
    // Anybody reads it, with and without the last slash.
    for path in ["/api/decks/1/", "/api/decks/1"] {
      let read = try await bench.ask("GET", path, by: nil)
      #expect(read.status == 200 && read["title"] == .string("Глаголы") && read["cards"].elements == [])
    }
    let changed = try await bench.ask(
      "PATCH", "/api/decks/1/", #"{"title": "Verbs", "tags": [], "categories": ["physics"]}"#,
      at: ContentBench.now + 5000)
    #expect(changed["title"] == .string("Verbs") && changed["tags"].strings == [])
    #expect(changed["description"] == .string("d") && changed["categories"].strings == ["physics"])
    #expect(changed["updated_at"] == .string("2026-11-01T00:00:05.000Z"))
    let read = try await bench.ask("GET", "/api/decks/1/")
    #expect(read["tags"].strings == [] && read["categories"].strings == ["physics"])
    #expect(try await bench.ask("DELETE", "/api/decks/1/").status == 204)
    #expect(try await bench.ask("GET", "/api/decks/1/").code == "DECK_NOT_FOUND")
    #expect(
      try await bench.events() == [
        "deck_created deck:1 “Глаголы”", "deck_updated deck:1 “Verbs”", "deck_deleted deck:1 “Verbs”",
      ])
  }

  @Test func aChangeThatChangesNothingTellsNothing() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck(#""tags": ["x"]"#)
    _ = try await bench.card(in: deck)
    let before = try await bench.ask("GET", "/api/decks/\(deck)/")
    _ = try await bench.takeEvents()
    for body in ["{}", #"{"title": "T"}"#, #"{"tags": [" X "], "categories": [], "visibility": "public"}"#] {
      #expect(try await bench.ask("PATCH", "/api/decks/\(deck)/", body).status == 200)
    }
    #expect(try await bench.ask("PATCH", "/api/deck/\(deck)/cards/1", #"{"front_text": "f"}"#).status == 200)
    #expect(try await bench.events() == [])
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/")[header: "ETag"] == before[header: "ETag"])
  }

  /// What a stranger may not know exists is not there for him, whatever he tries.
  @Test func aPrivateDeckIsNotThereForStrangers() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck(#""visibility": "private""#)
    let card = try await bench.card(in: deck)
    #expect(try await bench.takeEvents() == ["deck_created deck:\(deck)", "card_created card:\(card)"])
    let body = #"{"front_text": "x", "back_text": "y"}"#
    let any = ["If-Match": "*"]
    for person in [nil, 2] as [Int64?] {
      #expect(try await bench.ask("GET", "/api/decks/\(deck)/", by: person).code == "DECK_NOT_FOUND")
      #expect(
        try await bench.ask("GET", "/api/decks/\(deck)/", by: person, headers: ["If-None-Match": "*"]).status == 404)
      #expect(try await bench.ask("GET", "/api/decks/\(deck)/export", by: person).code == "DECK_NOT_FOUND")
      #expect(try await bench.ask("GET", "/api/decks/", by: person).ids() == [])
      let refusal = person == nil ? "UNAUTHENTICATED" : "DECK_NOT_FOUND"
      #expect(try await bench.ask("PATCH", "/api/decks/\(deck)/", "{}", by: person, headers: any).code == refusal)
      #expect(try await bench.ask("DELETE", "/api/decks/\(deck)/", by: person).code == refusal)
      #expect(try await bench.ask("POST", "/api/decks/\(deck)/copy", by: person).code == refusal)
      #expect(try await bench.ask("POST", "/api/deck/\(deck)/cards", body, by: person).code == refusal)
      #expect(try await bench.ask("PATCH", "/api/deck/\(deck)/cards/\(card)", "{}", by: person).code == refusal)
      #expect(try await bench.ask("DELETE", "/api/deck/\(deck)/cards/\(card)", by: person).code == refusal)
      #expect(
        try await bench.ask("PATCH", "/api/deck/decks/\(deck)/cards", "{}", by: person, headers: any).code == refusal)
    }
    #expect(try await bench.events() == [])
    // Managers see and change it.
    #expect(try await bench.ask("GET", "/api/decks/", by: 9, isManager: true).ids() == [deck])
    #expect(
      try await bench.ask("PATCH", "/api/decks/\(deck)/", #"{"title": "M"}"#, by: 9, isManager: true).status == 200)
    // A public one is seen, and not changed.
    #expect(try await bench.ask("PATCH", "/api/decks/\(deck)/", #"{"visibility": "public"}"#).status == 200)
    #expect(try await bench.ask("PATCH", "/api/decks/\(deck)/", "{}", by: 2).code == "DECK_NOT_YOURS")
    #expect(try await bench.ask("POST", "/api/deck/\(deck)/cards", body, by: 2).code == "DECK_NOT_YOURS")
    #expect(try await bench.events() == ["deck_updated deck:\(deck)", "deck_updated deck:\(deck) “M”"])
  }

  @Test func listsAreFilteredAndPaged() async throws {
    let bench = try await ContentBench()
    var decks: [Int] = []
    for number in 0..<7 {
      // Pairs of one time, told apart by their ids.
      decks.append(
        try await bench.deck(
          #""tags": ["t\#(number % 2)"], "categories": ["\#(number < 3 ? "history" : "other")"]"#,
          by: number == 6 ? 2 : 1, at: ContentBench.now + Int64(number / 2)))
    }
    let newest = Array(decks.reversed())
    #expect(try await bench.ask("GET", "/api/decks/", by: nil).ids() == newest)
    #expect(try await bench.ask("GET", "/api/decks/?author=2").ids() == [decks[6]])
    #expect(try await bench.ask("GET", "/api/decks/?category=history").ids() == [decks[2], decks[1], decks[0]])
    #expect(try await bench.ask("GET", "/api/decks/?tag=T1").ids() == [decks[5], decks[3], decks[1]])
    #expect(try await bench.ask("GET", "/api/decks/?tag=t1&category=history&author=1").ids() == [decks[1]])
    #expect(try await bench.ask("GET", "/api/decks/?category=nothing").ids() == [])
    for person in [nil, 1] as [Int64?] {
      var (found, cursor): ([Int], String?) = ([], nil)
      repeat {
        let page = try await bench.ask(
          "GET", "/api/decks/?limit=2" + (cursor.map { "&cursor=\($0)" } ?? ""), by: person)
        found += page.ids()
        cursor = page[header: "X-Next-Cursor"]
      } while cursor != nil
      #expect(found == newest)
    }
    let cursor = try #require(try await bench.ask("GET", "/api/decks/?limit=2")[header: "X-Next-Cursor"])
    #expect(try await bench.ask("GET", "/api/decks/?limit=2&tag=t1&cursor=\(cursor)").code == "INVALID_CURSOR")
    for query in ["limit=0", "limit=101", "author=0", "author=x", "q=", "q=%20", "unknown=1", "q=%00"] {
      #expect(try await bench.ask("GET", "/api/decks/?\(query)").code == "VALIDATION_FAILED", "\(query)")
    }
  }

  @Test(arguments: [
    ("гЛАГолы", [0]), ("ГЛ", [0]), ("ёж", [1]), ("ЁЖ", [1]), ("verbs", [0, 3]), ("VERBS 100%", [3]), ("100%", [3]),
    ("%", [3]), ("_", [4]), ("\\", [5]), ("a_b", [4]), ("axb", [2]), ("'; DROP TABLE decks; --", []), ("нет", []),
    ("ß", []), ("CAFÉ", [6]),
  ])
  func wordsAreFoundWhateverTheirCase(_ words: String, _ wanted: [Int]) async throws {
    let bench = try await ContentBench()
    let titles = ["Глаголы — Verbs", "Ёжики", "axb", "Verbs 100%", "a_b", "c:\\d", "Café"]
    var ids: [Int] = []
    for title in titles {
      let text = title.replacingOccurrences(of: "\\", with: "\\\\")
      let answer = try await bench.ask("POST", "/api/decks/", "{\"title\": \"x\", \"description\": \"\(text)\"}")
      ids.append(try #require(answer["id"].int))
    }
    let query = try #require(words.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    let found = try await bench.ask("GET", "/api/decks/?q=\(query)")
    #expect(found.ids().sorted() == wanted.map { ids[$0] })
  }

  @Test func whoHasADeckIsNotSentItAgain() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let first = try await bench.ask("GET", "/api/decks/\(deck)/", by: nil)
    let tag = try #require(first[header: "ETag"])
    func again(_ tag: String, by person: Int64? = nil) async throws -> Int {
      let answer = try await bench.ask("GET", "/api/decks/\(deck)/", by: person, headers: ["If-None-Match": tag])
      if answer.status == 304 { #expect(answer.text.isEmpty && answer[header: "ETag"] == tag) }
      return answer.status
    }
    #expect(try await again(tag) == 304)
    #expect(try await again("\"v99.1\"") == 200)
    // A card's change is one of the deck.
    _ = try await bench.card(in: deck)
    #expect(try await again(tag) == 200)
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/")["cards_amount"].int == 1)
  }

  /// Of two writers who have read the same, one is told that he has not seen the other's change.
  @Test func noChangeIsLostBetweenTwoWriters() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let tag = try #require(try await bench.ask("GET", "/api/decks/\(deck)/")[header: "ETag"])
    let answers = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<6 {
        group.addTask {
          try await bench.ask(
            "PATCH", "/api/decks/\(deck)/", "{\"title\": \"by \(number)\"}", headers: ["If-Match": tag]
          ).status
        }
      }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(answers.sorted() == [200, 412, 412, 412, 412, 412])
    #expect(try await bench.events().count == 2)
    let stale = try await bench.ask("DELETE", "/api/decks/\(deck)/", headers: ["If-Match": tag])
    #expect(stale.code == "PRECONDITION_FAILED")
    // The tag of the refusal is the one to go on with.
    #expect(
      try await bench.ask("DELETE", "/api/decks/\(deck)/", headers: ["If-Match": stale[header: "ETag"] ?? ""]).status
        == 204)
  }

  @Test func unknownCategoriesAreRefusedWithThoseThereAre() async throws {
    let bench = try await ContentBench()
    let refused = try await bench.ask("POST", "/api/decks/", #"{"title": "T", "categories": ["history", "magic"]}"#)
    #expect(refused.status == 400 && refused.code == "UNKNOWN_CATEGORY")
    for word in ["magic", "mathematics", "geography", "other"] { #expect(refused.text.contains(word)) }
    let deck = try await bench.deck()
    #expect(
      try await bench.ask("PATCH", "/api/decks/\(deck)/", #"{"categories": ["magic"]}"#).code == "UNKNOWN_CATEGORY")
    #expect(try await bench.events().count == 1)
    #expect(try await bench.number("SELECT count(*) FROM decks") == 1)
  }

  @Test func categoriesAreKeptByManagers() async throws {
    let bench = try await ContentBench()
    let seeded = try await bench.ask("GET", "/api/categories/", by: nil)
    #expect(
      (seeded.json?.elements ?? []).compactMap { $0["slug"]?.string } == [
        "biology", "chemistry", "geography", "history", "literature", "mathematics", "other", "physics", "programming",
      ])
    let body = #"{"slug": "music", "name": "Music"}"#
    #expect(try await bench.ask("POST", "/api/categories/", body).code == "FORBIDDEN")
    #expect(try await bench.ask("POST", "/api/categories/", body, by: nil).code == "UNAUTHENTICATED")
    let made = try await bench.ask("POST", "/api/categories/", body, isManager: true)
    let id = try #require(made["id"].int)
    #expect(try await bench.ask("POST", "/api/categories/", body, isManager: true).code == "SLUG_TAKEN")
    for slug in ["Music", "a b", "-a", "a--b", "ж", ""] {
      let refused = try await bench.ask(
        "POST", "/api/categories/", "{\"slug\": \"\(slug)\", \"name\": \"x\"}", isManager: true)
      #expect(refused.code == "VALIDATION_FAILED", "\(slug)")
    }
    #expect(
      try await bench.ask("PATCH", "/api/categories/\(id)", #"{"name": "Музыка"}"#, isManager: true)["name"]
        == .string("Музыка"))
    let deck = try await bench.deck(#""categories": ["music"]"#)
    #expect(try await bench.ask("DELETE", "/api/categories/\(id)", isManager: true).code == "CATEGORY_IN_USE")
    #expect(try await bench.ask("PATCH", "/api/decks/\(deck)/", #"{"categories": []}"#).status == 200)
    #expect(try await bench.ask("DELETE", "/api/categories/\(id)", isManager: true).status == 204)
    #expect(try await bench.ask("DELETE", "/api/categories/\(id)", isManager: true).code == "CATEGORY_NOT_FOUND")
  }

  @Test func anAnswerForSomebodyIsKeptByNobodyElse() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/")[header: "Cache-Control"] == "private, no-store")
    let anonymous = try await bench.ask("GET", "/api/decks/\(deck)/", by: nil)
    #expect(anonymous[header: "X-Content-Type-Options"] == "nosniff")
  }

  @Test func theDocumentIsSound() async throws {
    let bench = try await ContentBench()
    let document = try #require(try await bench.ask("GET", "/api/openapi.json", by: nil).json)
    #expect(DocumentCheck(document).problems == [])
  }
}
