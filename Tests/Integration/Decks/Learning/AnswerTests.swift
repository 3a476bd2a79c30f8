import CivilTime
import Decks
import Foundation
import HTTPServiceTesting
import Testing

/// One answer counts once.
@Suite struct AnswerTests {
  private let noon = LearningBench.noon

  @Test func aRepeatGetsTheFirstReplyToTheByte() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 2)
    let session = try await bench.web.start(deck)
    let id = UUID()
    let first = try await bench.web.answer(session, cards[0], rating: 4, id: id)
    let (learned, events) = (try bench.admin.text(Self.state), try bench.events("card_answered"))
    #expect(
      try await bench.web.answer(session, cards[0], rating: 4, id: id, at: noon.after(minutes: 5)).text == first.text)
    // Another spelling of the same.
    #expect(try await bench.web.answer(session, cards[0], rating: 4, seconds: "3.0", id: id).text == first.text)
    for other in [
      try await bench.web.answer(session, cards[1], rating: 4, id: id),
      try await bench.web.answer(session, cards[0], id: id),
      try await bench.web.answer(session, cards[0], correct: false, rating: 4, id: id),
      try await bench.web.answer(session, cards[0], rating: 4, seconds: "4", id: id),
    ] { #expect(other.status == 409 && other.code == "ANSWER_ID_REUSED") }
    // Another learner's ids are his own.
    #expect(try await bench.web.answer(bench.web.start(deck, as: 8), cards[0], id: id, as: 8).status == 200)
    #expect(try bench.admin.text(Self.state) == learned && bench.events("card_answered") == events + 1)
    // Also once the session is over.
    _ = try await bench.web.ask("POST", "/api/learn/sessions/\(session)/finish")
    #expect(try await bench.web.answer(session, cards[0], rating: 4, id: id).text == first.text)
    #expect(try bench.differences() == [])
  }

  @Test func theSameAtTheSameInstantCountsOnce() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 5)
    let session = try await bench.web.start(deck)
    for card in cards {
      let id = UUID()
      let replies = try await withThrowingTaskGroup(of: RouterAnswer.self) { group in
        for _ in 0..<6 { group.addTask { [web = bench.web] in try await web.answer(session, card, id: id) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(Set(replies.map(\.text)).count == 1 && replies.allSatisfy { $0.status == 200 })
    }
    #expect(try bench.events("card_answered") == 5 && bench.admin.number("SELECT answers FROM learning_sessions") == 5)
    #expect(try bench.differences() == [])
  }

  /// Both show the same card, and the learner answers in both.
  @Test func twoTabsWithOneCardAnswerItOnce() async throws {
    let bench = try LearningBench()
    let (deck, _) = try bench.deck(cards: 3)
    let session = try await bench.web.start(deck)
    let tabs = try await [bench.web.next(session), bench.web.next(session)]
    let card = try #require(tabs[0].id("next", "card", "id"))
    let ids = try tabs.map { try #require(UUID(uuidString: $0.text("next", "answer_id") ?? "")) }
    #expect(ids[0] == ids[1])
    let web = bench.web
    async let one = web.answer(session, card, id: ids[0])
    async let other = web.answer(session, card, id: ids[1])
    let (first, second) = try await (one, other)
    #expect(try first.text == second.text && bench.events("card_answered") == 1)
    // What they are shown afterwards is answered under another id.
    let after = try await bench.web.next(session)
    #expect(after.text("next", "answer_id") != tabs[0].text("next", "answer_id"))
  }

  /// Different answers to one card at once are two answers, one after the other.
  @Test func differentAnswersAtOnceFollowEachOther() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 2)
    let session = try await bench.web.start(deck)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { [web = bench.web] in
          let answer = try await web.answer(session, cards[0], correct: false)
          #expect(answer.status == 200)
        }
      }
      try await group.waitForAll()
    }
    #expect(
      try bench.admin.text("SELECT string_agg(number::text, ' ' ORDER BY number) FROM answers") == "1 2 3 4 5 6 7 8")
    #expect(try bench.admin.number("SELECT reviews FROM schedules") == 8 && bench.differences() == [])
  }

  @Test func crammingWritesNoScheduleAndEndsWhenAllWasRight() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 3)
    _ = try await bench.web.answer(bench.web.start(deck), cards[0], rating: 4)
    let before = try bench.admin.text(Self.state)
    let day = noon.after(days: 1)
    let session = try await bench.web.start(deck, .cram, at: day)
    var asked: [Int64] = []
    for correct in [false, true, false, true, true] {
      let next = try await bench.web.next(session, at: day)
      #expect(next.value(["next", "previews"])?.elements?.isEmpty == true)
      asked.append(try #require(next.id("next", "card", "id")))
      let answer = try await bench.web.answer(session, asked.last!, correct: correct, at: day)
      #expect(answer.flag("session_finished") == (asked.count == 5))
    }
    #expect(asked == cards + [cards[0], cards[2]])
    #expect(try bench.admin.text(Self.state) == before)
    let due = try await bench.web.ask("GET", "/api/learn/due", at: day)
    #expect(due.id("new_left") == 20 && due.id("reviews_left") == 200, "they count against no limit")
    #expect(due.id("streak", "current") == 2, "but it was a day of study")
    // Only the card that has one tells when it is due.
    #expect(try bench.events("card_answered", "p ? 'due_at' AND NOT p ? 'stability'") == 3 && bench.differences() == [])
  }

  private static let state =
    "SELECT coalesce(string_agg(q::text, ';' ORDER BY q.card_id, q.user_id), '') FROM schedules q WHERE q.user_id = 7"
}
