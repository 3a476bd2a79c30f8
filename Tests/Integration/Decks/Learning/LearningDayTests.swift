import CivilTime
import Decks
import Testing

/// Settings, and the learner's day that limits and counts follow.
@Suite struct LearningDayTests {
  @Test func settingsAreTheStandardUntilTheyAreChanged() async throws {
    let bench = try LearningBench()
    let standard = try await bench.web.ask("GET", "/api/learn/settings")
    #expect(standard.text("timezone") == "UTC" && standard.text("day_starts_at") == "04:00")
    #expect(standard.id("new_per_day") == 20 && standard.id("reviews_per_day") == 200)
    #expect(standard.value(["desired_retention"]) == .number("0.9") && standard.text("scheduler") == "fsrs6")
    let changed = try await bench.web.ask(
      "PATCH", "/api/learn/settings",
      "{\"timezone\": \"Asia/Kathmandu\", \"day_starts_at\": \"00:30\", \"new_per_day\": 0}")
    #expect(changed.text("timezone") == "Asia/Kathmandu" && changed.id("reviews_per_day") == 200)
    #expect(try await bench.web.ask("GET", "/api/learn/settings").text == changed.text)
    #expect(try await bench.web.ask("PATCH", "/api/learn/settings", "{}").text == changed.text)
    #expect(try await bench.web.ask("GET", "/api/learn/settings", as: 8).text == standard.text)
    #expect(try await bench.web.ask("GET", "/api/learn/settings", as: nil).status == 401)
    for body in [
      "{\"timezone\": \"Mars/Olympus\"}", "{\"day_starts_at\": \"24:00\"}", "{\"new_per_day\": 10000}",
      "{\"desired_retention\": 0.98}", "{\"desired_retention\": 0.69}", "{\"scheduler\": \"sm2\"}",
      "{\"zone\": \"UTC\"}",
      "{\"reviews_per_day\": -1}", "{\"timezone\": null}",
    ] { #expect(try await bench.web.ask("PATCH", "/api/learn/settings", body).status == 422, "\(body)") }
    #expect(try await bench.web.ask("GET", "/api/learn/settings").text == changed.text)
  }

  @Test func limitsHoldFromOneStartOfTheLearnersDayToTheNext() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 6)
    let other = try bench.deck(cards: 6)
    _ = try await bench.web.ask(
      "PATCH", "/api/learn/settings",
      "{\"timezone\": \"Asia/Kathmandu\", \"day_starts_at\": \"03:00\", \"new_per_day\": 2}")
    // 23:50 in Kathmandu; there the day begins at 21:15 UTC.
    let evening = Instant(seconds: 1_772_452_800 + 6 * 3600 + 300)
    let midnight = evening.after(minutes: 15)
    let nearlyThree = Instant(seconds: 1_772_452_800 + 9 * 3600 + 14 * 60 + 59)
    let session = try await bench.web.start(deck, .due, at: evening)
    _ = try await bench.web.answer(session, cards[0], rating: 4, at: evening)
    #expect(try await bench.web.next(session, at: evening).id("next", "card", "id") == cards[1])
    // The limit is over all decks, and midnight is within the day.
    let second = try await bench.web.start(other.id, .due, at: midnight)
    let last = try await bench.web.answer(second, other.cards[0], rating: 4, at: midnight)
    #expect(last.flag("session_finished") == true, "nothing may be asked any more")
    #expect(try await bench.web.next(session, at: midnight).value(["next"]) == nil)
    let due = try await bench.web.ask("GET", "/api/learn/due", at: nearlyThree)
    #expect(
      due.id("new_left") == 0 && due.value(["decks"])?.elements?.map { $0["new"] } == [.number("0"), .number("0")])
    let third = try await bench.web.start(other.id, .due, at: nearlyThree)
    #expect(try await bench.web.next(third, at: nearlyThree).value(["next"]) == nil)
    // `all` asks nevertheless.
    let all = try await bench.web.start(other.id, .all, at: nearlyThree)
    #expect(try await bench.web.next(all, at: nearlyThree).id("next", "card", "id") != nil)
    let three = nearlyThree.adding(milliseconds: 1000)
    let fourth = try await bench.web.start(other.id, .due, at: three)
    #expect(try await bench.web.next(fourth, at: three).id("next", "card", "id") == other.cards[1])
    #expect(try await bench.web.ask("GET", "/api/learn/due", at: three).id("new_left") == 2)
    #expect(try bench.differences() == [])
  }

  @Test func aChangeOfTheZoneCountsTheDayAnew() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 6)
    _ = try await bench.web.ask("PATCH", "/api/learn/settings", "{\"new_per_day\": 2}")
    let early = Instant(seconds: 1_772_452_800 - 9 * 3600 + 600)  // 03:10 UTC: still yesterday
    let noon = LearningBench.noon
    _ = try await bench.web.answer(bench.web.start(deck, .all, at: early), cards[0], rating: 4, at: early)
    let session = try await bench.web.start(deck, .due, at: noon)
    _ = try await bench.web.answer(session, cards[1], rating: 4, at: noon)
    #expect(try await bench.web.ask("GET", "/api/learn/due", at: noon).id("new_left") == 1)
    // In Kathmandu both were today.
    _ = try await bench.web.ask("PATCH", "/api/learn/settings", "{\"timezone\": \"Asia/Kathmandu\"}")
    #expect(try await bench.web.ask("GET", "/api/learn/due", at: noon).id("new_left") == 0)
    #expect(try await bench.web.next(session, at: noon).value(["next"]) == nil)
    _ = try await bench.web.ask("PATCH", "/api/learn/settings", "{\"timezone\": \"UTC\"}")
    #expect(try await bench.web.next(session, at: noon).id("next", "card", "id") == cards[2])
    let due = try await bench.web.ask("GET", "/api/learn/due", at: noon)
    #expect(due.id("streak", "current") == 2 && due.id("streak", "longest") == 2)
    #expect(
      try await bench.web.ask("GET", "/api/learn/due", at: noon.after(days: 1)).flag("streak", "today_open") == true)
    #expect(try await bench.web.ask("GET", "/api/learn/due", at: noon.after(days: 2)).id("streak", "current") == 0)
  }

  @Test func whatIsDueIsCountedByDeck() async throws {
    let bench = try LearningBench()
    let noon = LearningBench.noon
    let (deck, cards) = try bench.deck(cards: 4)
    let own = try bench.deck(owner: 7, cards: 3)
    _ = try bench.deck(cards: 9)
    let session = try await bench.web.start(deck, .all)
    _ = try await bench.web.answer(session, cards[0], rating: 4)
    _ = try await bench.web.answer(session, cards[1], correct: false)
    func counts(_ moment: Instant) async throws -> [[String]] {
      let decks = try await bench.web.ask("GET", "/api/learn/due", at: moment).value(["decks"])?.elements ?? []
      return decks.map { deck in
        ["deck_id", "new", "learning", "due", "overdue"].map { name in
          if case .number(let digits)? = deck[name] { digits } else { "?" }
        }
      }
    }
    #expect(try await counts(noon) == [["\(own.id)", "3", "0", "0", "0"], ["\(deck)", "2", "1", "0", "0"]])
    #expect(try await counts(noon.after(days: 8))[1] == ["\(deck)", "2", "1", "1", "0"])
    #expect(try await counts(noon.after(days: 9))[1] == ["\(deck)", "2", "1", "1", "1"])
  }

  @Test func aCycleOfWeightsEndsWhenAllAreLearnedAndBeginsAfresh() async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 2)
    _ = try await bench.web.ask("PATCH", "/api/learn/settings", "{\"scheduler\": \"weights\"}")
    for round in 0..<2 {
      let session = try await bench.web.start(deck)
      var asked = 0
      while let card = try await bench.web.next(session).id("next", "card", "id"), asked < 20 {
        asked += 1
        let answer = try await bench.web.answer(session, card, at: LearningBench.noon.after(minutes: Double(asked)))
        #expect(answer.text("due_at") == nil)
        if answer.flag("session_finished") == true { break }
      }
      #expect(asked == 6, "each three times, in round \(round)")
    }
    #expect(try bench.events("card_answered", "NOT p ?| array['due_at', 'stability', 'scheduled_days']") == 12)
    #expect(try bench.admin.number("SELECT count(*) FROM schedules WHERE successes = 3 AND reviews = 6") == cards.count)
    #expect(try bench.differences() == [])
  }
}
