import HTTPServiceTesting
import JSON
import Loopback
import Testing

@Suite struct CourseDeckTests {
  @Test func decksAreAddedMovedAndTakenOut() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course(isPublished: true)
    let path = "/api/courses/\(course)/decks/"
    _ = try await bench.takeEvents()
    let first = try await bench.ask("POST", path, #"{"deck_id": 11}"#)
    #expect(first.status == 201 && first["order_index"].int == 0 && first["title"].string == "Verbs")
    #expect(first["cards_amount"].int == 3 && first["course_id"].int == course && first[header: "ETag"] == "\"v3\"")
    #expect(try await bench.ask("POST", path, #"{"deck_id": 11}"#).code == "DECK_IN_COURSE")
    // One's own private deck may be in it; another's is none that there is.
    #expect(try await bench.ask("POST", path, #"{"deck_id": 12, "order_index": 7}"#).status == 201)
    for deck in [14, 99] {
      let refused = try await bench.ask("POST", path, "{\"deck_id\": \(deck)}")
      #expect(refused.code == "UNKNOWN_DECKS" && refused.details == ["deck_id: is no deck that you see"])
    }
    let batch = try await bench.ask("POST", "\(path)batch/", #"[{"deck_id": 13}, {"deck_id": 11}, {"deck_id": 13}]"#)
    #expect(batch.status == 201 && batch.each("deck_id").map(\.int) == [13, 11, 13], "\(batch.text)")
    #expect(batch.each("order_index").map(\.int) == [8, 0, 8])
    let refused = try await bench.ask("POST", "\(path)batch/", #"[{"deck_id": 13}, {"deck_id": 14}]"#)
    #expect(refused.details == ["[1].deck_id: is no deck that you see"])
    #expect(
      try await bench.takeEvents() == [
        "\(course) course_deck_added course_id=\(course) deck_id=11 order_index=0",
        "\(course) course_deck_added course_id=\(course) deck_id=12 order_index=7",
        "\(course) course_deck_added course_id=\(course) deck_id=13 order_index=8",
      ])

    let places = try await bench.ask("GET", path).ids()
    let moves = "[{\"id\": \(places[2]), \"order_index\": 0}, {\"id\": \(places[0]), \"order_index\": 3}]"
    let moved = try await bench.ask("POST", "\(path)reorder/", moves)
    #expect(moved.status == 200 && moved.ids() == [places[2], places[0], places[1]], "\(moved.text)")
    let back = try await bench.ask("PATCH", "\(path)\(places[1])/", #"{"order_index": 1}"#)
    #expect(back["deck_id"].int == 12 && back["order_index"].int == 1)
    // Where it is already.
    #expect(
      try await bench.ask("PATCH", "\(path)\(places[1])/", #"{"order_index": 1}"#)[header: "ETag"]
        == back[header: "ETag"])
    let foreign = try await bench.ask("POST", "\(path)reorder/", #"[{"id": 999, "order_index": 0}]"#)
    #expect(foreign.code == "UNKNOWN_PLACES" && foreign.details == ["[0].id: is none of the course's places"])
    #expect(try await bench.ask("PATCH", "\(path)999/", #"{"order_index": 1}"#).code == "COURSE_DECK_NOT_FOUND")
    #expect(try await bench.ask("DELETE", "\(path)\(places[2])/").status == 204)
    #expect(try await bench.ask("DELETE", "\(path)\(places[2])/").code == "COURSE_DECK_NOT_FOUND")
    #expect(try await bench.ask("GET", "\(path)\(places[2])").code == "COURSE_DECK_NOT_FOUND")
    #expect(try await bench.ask("GET", path).each("deck_id").map(\.int) == [12, 11])
    #expect(
      try await bench.takeEvents() == [
        "\(course) course_deck_added course_id=\(course) deck_id=11 order_index=3",
        "\(course) course_deck_added course_id=\(course) deck_id=13 order_index=0",
        "\(course) course_deck_added course_id=\(course) deck_id=12 order_index=1",
        "\(course) course_deck_removed course_id=\(course) deck_id=13",
      ])
  }

  /// What the decks service shows to nobody but a deck's owner, this service does not either.
  @Test func privateDecksHaveNoTitleForLearners() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course(isPublished: true)
    for deck in [11, 12] { _ = try await bench.place(deck, in: course) }
    let path = "/api/courses/\(course)/"
    #expect(try await bench.ask("GET", path).each("title", of: "decks") == [.string("Verbs"), .string("Secrets")])
    let seen = try await bench.ask("GET", path, by: 2)
    #expect(seen.each("title", of: "decks") == [.string("Verbs"), .null])
    #expect(seen.each("cards_amount", of: "decks") == [.number("3"), .null] && !seen.text.contains("Secrets"))
    let manager = try await bench.ask("GET", path, by: 8, isManager: true)
    #expect(manager.each("title", of: "decks") == [.string("Verbs"), .string("Secrets")])
  }

  @Test func aCourseHasAnEnd() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course()
    try await bench.sql(
      """
      INSERT INTO course_decks (course_id, deck_id, order_index, added_at)
      SELECT \(course), 1000 + n, n, now() FROM generate_series(1, 99) n
      """)
    let path = "/api/courses/\(course)/decks/"
    #expect(try await bench.ask("POST", "\(path)batch/", #"[{"deck_id": 11}, {"deck_id": 13}]"#).code == "COURSE_FULL")
    #expect(try await bench.ask("POST", path, #"{"deck_id": 11}"#).status == 201)
    #expect(try await bench.ask("POST", path, #"{"deck_id": 13}"#).code == "COURSE_FULL")
    #expect(try await bench.ask("GET", path).ids().count == 100)
  }

  /// Reading goes on without titles, or with those read before; what would have to know is refused.
  @Test func withoutDecksCoursesAreThere() async throws {
    let bench = try TeachingBench(decks: [.answer(ScriptedServer.ok(TeachingBench.decks))])
    let course = try await bench.course(isPublished: true)
    let path = "/api/courses/\(course)/"
    // The only time that it answers.
    _ = try await bench.place(11, in: course)
    try await bench.sql(
      "INSERT INTO course_decks (course_id, deck_id, order_index, added_at) VALUES (\(course), 13, 9, now())")
    let detail = try await bench.ask("GET", path, by: 2)
    #expect(detail.status == 200 && detail.each("deck_id", of: "decks").map(\.int) == [11, 13])
    #expect(detail.each("title", of: "decks") == [.string("Verbs"), .null])
    let asked = bench.decks.requests.count
    #expect(asked >= 2)
    // For a moment it is not asked again.
    #expect(try await bench.ask("GET", "\(path)decks/", by: 2).each("title") == [.string("Verbs"), .null])
    #expect(bench.decks.requests.count == asked)
    #expect(bench.metrics.exposition().contains("\nteaching_titles_missed_total 1\n"))
    let refused = try await bench.ask("POST", "\(path)decks/", #"{"deck_id": 14}"#)
    #expect(refused.status == 503 && refused.code == "DEPENDENCY_UNAVAILABLE" && refused[header: "Retry-After"] != nil)
    #expect(try await bench.ask("PATCH", "\(path)decks/1/", #"{"order_index": 3}"#).status == 200)
  }

  /// Nobody waits long for a name.
  @Test func aSilentDecksServiceHoldsNobodyUp() async throws {
    let bench = try TeachingBench(decks: [.hang, .hang])
    let course = try await bench.course()
    try await bench.sql(
      "INSERT INTO course_decks (course_id, deck_id, order_index, added_at) VALUES (\(course), 11, 0, now())")
    let start = ContinuousClock.now
    let answer = try await bench.ask("GET", "/api/courses/\(course)/")
    #expect(answer.status == 200 && answer.each("title", of: "decks") == [.null])
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func whatIsNoAnswerIsNone() async throws {
    let bodies = ["{}", "[1]", #"[{"id": "x"}]"#, "no json", #"[{"id":11,"owner_id":1,"title":null}]"#]
    for body in bodies {
      let bench = try TeachingBench(decks: Array(repeating: .answer(ScriptedServer.ok(body)), count: 2))
      let course = try await bench.course()
      #expect(
        try await bench.ask("POST", "/api/courses/\(course)/decks/", #"{"deck_id": 11}"#).code == "DEPENDENCY_FAILED",
        "\(body)")
      #expect(try await bench.ask("GET", "/api/courses/\(course)/").status == 200)
    }
  }
}
