import PlatformClient
import School
import Testing

/// Learners under load against a platform that loses calls and answers: in the end they know exactly which events they caused.
@Suite struct LoadLearnerTests {
  private func play(_ platform: StubPlatform, learners: Int, calls: Int) -> (ExpectedEvents, unknown: Int, failed: Int)
  {
    let connection = PlatformConnection(platform.url)
    var expected = ExpectedEvents()
    var (unknown, failed) = (0, 0)
    let decks = platform.read { $0.decks.map(\.id) }
    for number in 0..<learners {
      var learner = LoadLearner(number: number, run: "t", seed: 3, decks: decks)
      for _ in 0..<calls { _ = learner.makeCall(over: connection) }
      learner.leave()
      for _ in 0..<400 where !learner.isGone { _ = learner.makeCall(over: connection) }
      #expect(learner.isGone, "learner \(number) has something open")
      expected.merge(learner.expected)
      unknown += learner.unknownOutcomes
      failed += learner.failures
    }
    return (expected, unknown, failed)
  }

  private func withShelf(_ faults: StubPlatform.Faults, seed: UInt64 = 1) throws -> StubPlatform {
    let platform = StubPlatform(faults, seed: seed)
    let caller = PatientCaller(PlatformConnection(platform.url))
    var author = SignedInPerson(
      try caller.send(.register(PersonAccount(name: "a", surname: "b", email: "a@b.example", password: "p"))))
    for number in 1...3 {
      let deck = try caller.send(.createDeck(NewDeck(title: "\(number)")), as: &author)
      let cards = (0..<8).map { NewCard(front: "\($0)", back: "b", order: $0) }
      _ = try caller.send(.addCards(cards, to: deck.id), as: &author)
    }
    return platform
  }

  /// The events of everybody but the author of the decks.
  private func found(_ platform: StubPlatform, _ expected: ExpectedEvents) -> [EventKey: Int] {
    platform.read { state in state.events.filter { expected.people.contains($0.key.person) } }
  }

  @Test func aSoundPlatformHearsTheWholeDay() throws {
    let platform = try withShelf(.init())
    defer { platform.stop() }
    let (expected, unknown, failed) = play(platform, learners: 6, calls: 600)
    #expect(unknown == 0 && failed == 0 && expected.unsureCount == 0)
    #expect(expected.differences(from: found(platform, expected)).isEmpty)
    #expect(
      Set(expected.byType.keys) == [
        "user_registered", "user_logged_in", "learning_session_started", "learning_session_finished", "card_answered",
        "test_completed",
      ])
    #expect(platform.read { $0.people.count } > 6, "now and then another person comes")
    #expect(platform.read { state in state.sessions.values.allSatisfy(\.hasEnded) }, "nothing is left open")
  }

  @Test(arguments: 1...6)
  func whateverIsLostTheEventsAreKnown(seed: UInt64) throws {
    let platform = try withShelf(.init())
    platform.stop()
    let faulty = StubPlatform(.init(unheard: 0.06, unanswered: 0.08, refused: 0.06), seed: seed)
    defer { faulty.stop() }
    faulty.take(platform)
    let (expected, unknown, failed) = play(faulty, learners: 8, calls: 250)
    #expect(unknown > 100 && failed == 0)
    let differences = expected.differences(from: found(faulty, expected))
    #expect(differences.isEmpty, "\(differences)")
    // Only of a login is it never known whether it was heard.
    #expect(expected.unsure.keys.allSatisfy { $0.type == "user_logged_in" })
  }

  @Test func whatAPlatformMustNotSayIsAFailure() throws {
    let platform = try withShelf(.init())
    defer { platform.stop() }
    var learner = LoadLearner(number: 1, run: "t", seed: 3, decks: [999_999])
    let connection = PlatformConnection(platform.url)
    let receptions = (0..<12).map { _ in learner.makeCall(over: connection).0 }
    #expect(receptions.contains(.failed) && learner.failures > 0, "a deck that is not there")
  }
}

@Suite struct ExpectedEventsTests {
  private let answered = EventKey("card_answered", person: 1, session: 2, deck: 3, card: 4)
  private let login = EventKey("user_logged_in", person: 1)

  @Test func eachKeyMustBeThereAsOftenAsItWasCaused() {
    var expected = ExpectedEvents()
    expected.add(answered)
    expected.add(answered)
    expected.note(login)
    expected.note(login)
    #expect(expected.count == 3)
    #expect(expected.differences(from: [answered: 2, login: 1]).isEmpty)
    #expect(
      expected.differences(from: [answered: 1, login: 1])
        == ["card_answered: 1 missing of 2, as user 1, session 2, deck 3, card 4"])
    #expect(
      expected.differences(from: [answered: 2, login: 3])
        == ["user_logged_in: 2 that no answered call caused, as user 1"])
    let other = EventKey("user_deleted", person: 1)
    #expect(expected.differences(from: [answered: 2, login: 1, other: 1]).count == 1)
    // The right number with the wrong ids is wrong twice.
    let wrong = EventKey("card_answered", person: 1, session: 2, deck: 3, card: 5)
    #expect(expected.differences(from: [answered: 1, wrong: 1, login: 1]).count == 2)
  }

  @Test func whatIsUnsureMayBeThereOrNot() {
    var expected = ExpectedEvents()
    expected.add(login)
    expected.doubt(login)
    #expect(expected.differences(from: [login: 1]).isEmpty && expected.differences(from: [login: 2]).isEmpty)
    #expect(!expected.differences(from: [login: 3]).isEmpty && !expected.differences(from: [:]).isEmpty)
  }
}
