import CivilTime
import Decks
import Foundation
import Testing

@Suite struct LearningSessionTests {
  private let noon = LearningBench.noon

  @Test func aWholeSessionFromItsStartToItsLastCard() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 2)
    let begun = try await bench.web.ask("POST", "/api/learn/deck/\(deck)/sessions", "{\"mode\": \"due\"}")
    #expect(begun.status == 201 && begun.text("status") == "active" && begun.text("mode") == "due")
    let session = try #require(begun.id("id"))
    #expect(begun[header: "Location"] == "/api/learn/sessions/\(session)")

    let next = try await bench.web.next(session)
    #expect(next.id("next", "card", "id") == cards[0] && next.text("next", "card", "front_text") == "front 1")
    #expect(next.text("next", "kind") == "new" && next.value(["next", "previews"])?.elements?.count == 4)
    #expect(
      next.value(["next", "previews"])?.elements?.map { $0["interval"] } == [
        .number("60"), .number("330"), .number("600"), .number("691200"),
      ])

    // Easy is known at once; Good has a step to go, which may be taken early when nothing else is left.
    let first = try await bench.web.answer(session, cards[0], rating: 4, at: noon.after(minutes: 1))
    #expect(first.status == 200 && first.flag("session_finished") == false && first.id("learned_cards") == 1)
    #expect(first.text("due_at") == "2026-03-10T12:01:00.000Z")
    #expect(try await bench.web.next(session, at: noon.after(minutes: 1)).id("next", "card", "id") == cards[1])
    _ = try await bench.web.answer(session, cards[1], at: noon.after(minutes: 2))
    let progress = try await bench.web.ask("GET", "/api/learn/sessions/\(session)/progress", at: noon.after(minutes: 2))
    #expect(progress.id("learned_cards") == 1 && progress.id("total_cards") == 2)
    let last = try await bench.web.answer(session, cards[1], at: noon.after(minutes: 3))
    #expect(last.flag("session_finished") == true && last.id("total_cards_seen") == 2)

    let done = try await bench.web.ask("GET", "/api/learn/sessions/\(session)", at: noon.after(minutes: 4))
    #expect(done.text("status") == "finished" && done.flag("completed") == true && done.id("duration_seconds") == 180)
    #expect(done.text("finished_at") == "2026-03-02T12:03:00.000Z")
    let late = try await bench.web.answer(session, cards[0], at: noon.after(minutes: 4))
    #expect(late.status == 409 && late.code == "SESSION_OVER")
    let again = try await bench.web.ask("POST", "/api/learn/sessions/\(session)/finish", at: noon.after(minutes: 5))
    #expect(again.status == 200 && again.text == done.text)
    #expect(try await bench.web.next(session).value(["next"]) == nil)
    #expect(try bench.differences() == [])
    #expect(try bench.events("card_answered", "p ? 'stability'") == 1, "unknown at a card's first answer")
    #expect(
      try bench.events("card_answered", "(p ->> 'since_previous_sec')::int = 60 AND (p ->> 'scheduled_days')::int = 0")
        == 1)
    #expect(try bench.events("learning_session_finished") == 1)
    #expect(bench.metrics.exposition().contains("learn_sessions_finished_total{cause=\"lastCard\"} 1"))
  }

  @Test func whatIsActiveIsResumedAndAnotherModeEndsIt() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 3)
    let session = try await bench.web.start(deck, .due)
    let again = try await bench.web.ask("POST", "/api/learn/deck/\(deck)/sessions", at: noon.after(minutes: 5))
    #expect(again.status == 200 && again.id("id") == session)
    #expect(try await bench.web.start(deck, .due, at: noon.after(minutes: 6)) == session)
    _ = try await bench.web.answer(session, cards[0], at: noon.after(minutes: 7))
    let cram = try await bench.web.ask("POST", "/api/learn/deck/\(deck)/sessions?mode=cram", at: noon.after(minutes: 8))
    #expect(cram.status == 201 && cram.id("id") != session && cram.text("mode") == "cram")
    let old = try await bench.web.ask("GET", "/api/learn/sessions/\(session)")
    #expect(old.text("finished_at") == "2026-03-02T12:08:00.000Z" && old.flag("completed") == true)
    // Another learner's, and another deck's, are others.
    #expect(try await bench.web.start(deck, as: 8) != cram.id("id"))
    #expect(try bench.differences() == [])
  }

  @Test func whatIsLeftIsOverWhoeverFindsIt() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 3)
    let session = try await bench.web.start(deck)
    _ = try await bench.web.answer(session, cards[0], at: noon.after(minutes: 4))
    let later = noon.after(minutes: 34)
    #expect(try await bench.web.ask("GET", "/api/learn/sessions/\(session)", at: later).text("status") == "abandoned")
    #expect(try await bench.web.next(session, at: later).text("session", "status") == "abandoned")
    #expect(try bench.events("learning_session_finished") == 0)
    for _ in 0..<2 {
      #expect(try await bench.web.answer(session, cards[1], at: later).code == "SESSION_OVER")
    }
    let stored = try await bench.web.ask("GET", "/api/learn/sessions/\(session)", at: noon)
    #expect(stored.text("status") == "abandoned" && stored.text("finished_at") == "2026-03-02T12:04:00.000Z")
    // Found by the next start.
    let second = try await bench.web.start(deck, at: later)
    let third = try await bench.web.start(deck, at: later.after(minutes: 31))
    #expect(third != second && second != session)
    // By finishing.
    let late = try await bench.web.ask("POST", "/api/learn/sessions/\(third)/finish", at: later.after(minutes: 90))
    #expect(late.text("status") == "abandoned" && late.flag("completed") == false)
    #expect(try bench.events("learning_session_finished") == 3 && bench.differences() == [])
  }

  @Test func foreignAndHiddenThingsAreNotThere() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(owner: 7, cards: 2, isPrivate: true)
    let other = try bench.deck(cards: 1)
    #expect(try await bench.web.ask("POST", "/api/learn/deck/\(deck)/sessions", as: 8).code == "DECK_NOT_FOUND")
    #expect(try await bench.web.ask("POST", "/api/learn/deck/\(deck)/sessions", as: 8, isManager: true).status == 201)
    #expect(try await bench.web.ask("POST", "/api/learn/deck/999/sessions").code == "DECK_NOT_FOUND")
    #expect(try await bench.web.ask("POST", "/api/learn/deck/\(deck)/sessions", as: nil).status == 401)
    let session = try await bench.web.start(deck)
    #expect(try await bench.web.answer(session, other.cards[0]).code == "CARD_NOT_FOUND")
    #expect(try await bench.web.answer(session, cards[0], as: 8).code == "SESSION_NOT_FOUND")
    for path in ["", "/next", "/progress"] {
      #expect(
        try await bench.web.ask("GET", "/api/learn/sessions/\(session)\(path)", as: 8).code == "SESSION_NOT_FOUND")
    }
    #expect(try await bench.web.ask("POST", "/api/learn/sessions/\(session)/finish", as: 8).code == "SESSION_NOT_FOUND")
    #expect(try await bench.web.ask("GET", "/api/learn/sessions/0/next").status == 404)

    // Made another's, and private, meanwhile: what was learned stays, and can be ended.
    let id = UUID()
    let first = try await bench.web.answer(session, cards[0], id: id)
    try bench.change(deck, "UPDATE decks SET owner_id = 9 WHERE id = \(deck)")
    #expect(try await bench.web.answer(session, cards[1]).code == "DECK_NOT_FOUND")
    #expect(try await bench.web.answer(session, cards[0], id: id).text == first.text)
    #expect(try await bench.web.next(session).code == "DECK_NOT_FOUND")
    #expect(try await bench.web.ask("GET", "/api/learn/due").value(["decks"])?.elements?.isEmpty == true)
    #expect(try await bench.web.ask("POST", "/api/learn/sessions/\(session)/finish").text("status") == "finished")
    #expect(try bench.differences() == [])
  }

  @Test func cardsAndDecksMayGoMeanwhile() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 3)
    let session = try await bench.web.start(deck)
    _ = try await bench.web.answer(session, cards[0], rating: 4)
    try bench.change(deck, "DELETE FROM cards WHERE id IN (\(cards[0]), \(cards[1]))")
    #expect(try await bench.web.answer(session, cards[1]).code == "CARD_NOT_FOUND")
    #expect(try await bench.web.next(session).id("next", "card", "id") == cards[2])
    let last = try await bench.web.answer(session, cards[2], rating: 4)
    #expect(last.flag("session_finished") == true && last.id("total_cards_seen") == 2)
    let next = try await bench.web.start(deck, .all)
    try bench.admin.sql("DELETE FROM decks WHERE id = \(deck)")
    #expect(try await bench.web.answer(next, cards[2]).code == "DECK_NOT_FOUND")
    #expect(try await bench.web.ask("POST", "/api/learn/deck/\(deck)/sessions").code == "DECK_NOT_FOUND")
    #expect(try await bench.web.ask("POST", "/api/learn/sessions/\(next)/finish").text("status") == "finished")
    #expect(try bench.admin.number("SELECT count(*) FROM schedules") == 0)
    #expect(try bench.admin.number("SELECT count(*) FROM answers") == 2 && bench.differences() == [])
    let empty = try bench.deck(cards: 0)
    #expect(try await bench.web.ask("POST", "/api/learn/deck/\(empty.id)/sessions").code == "DECK_HAS_NO_CARDS")
  }

  @Test func nothingDueIsAnEmptySessionThatOneFinishes() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 1)
    _ = try await bench.web.answer(bench.web.start(deck), cards[0], rating: 4)
    let session = try await bench.web.start(deck, .due)
    #expect(try await bench.web.next(session).value(["next"]) == nil)
    #expect(try await bench.web.ask("GET", "/api/learn/sessions/\(session)").text("status") == "active")
    #expect(try await bench.web.ask("POST", "/api/learn/sessions/\(session)/finish").id("total_cards_seen") == 0)
    #expect(try bench.differences() == [])
  }

  @Test func whatIsWrongWithAnAnswerIsSaidAndChangesNothing() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 1)
    let session = try await bench.web.start(deck)
    let path = "/api/learn/sessions/\(session)/cards/\(cards[0])/answer"
    for (body, places) in [
      ("{}", ["answer_id", "correct", "answer_time_seconds"]),
      (
        "{\"answer_id\": \"x\", \"correct\": 1, \"answer_time_seconds\": -1}",
        ["answer_id", "correct", "answer_time_seconds"]
      ),
      ("{\"answer_id\": \"\(UUID())\", \"correct\": true, \"answer_time_seconds\": 1, \"rating\": 5}", ["rating"]),
      ("{\"answer_id\": \"\(UUID())\", \"correct\": true, \"answer_time_seconds\": 1, \"user_id\": 5}", ["user_id"]),
    ] {
      let answer = try await bench.web.ask("POST", path, body)
      #expect(answer.status == 422, "\(body)")
      for place in places { #expect(answer.details.contains { $0.hasPrefix("\(place): ") }, "\(answer.text)") }
    }
    let long = try await bench.web.answer(session, cards[0], seconds: "61.5")
    #expect(try long.status == 200 && bench.events("card_answered", "(p ->> 'answer_time_ms')::int = 60000") == 1)
    #expect(try bench.differences() == [])
  }
}
