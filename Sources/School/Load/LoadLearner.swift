import CivilTime
import LoadGenerator
import PlatformClient

/// A learner under load: the calls of his day, one after the other, and the events that their answers promise. Pure; who sends
/// the calls tells him what came of each.
///
/// A day: he looks at the decks, opens one, learns a dozen cards of it, sometimes leaves, sometimes tests himself. Then comes
/// another day at once; some days begin with a login, and now and then another person takes his place and registers.
package struct LoadLearner: Sendable {
  /// What came of a call.
  package enum Reception: Sendable, Equatable {
    case taken
    /// The platform asks for patience, or the outcome is unknown: the same call is made again.
    case again(restSeconds: Double)
    /// An answer that a sound platform does not give to this call. If it is certain that nothing came of it, the learner begins
    /// another day; else he makes the same call again.
    case failed
  }

  private let run: String
  private let number: Int
  private let decks: [Int64]
  private var random: SeededGenerator
  private var memory = PersonalMemory(prior: 0.4, slip: 0.05)
  private let habit = AnswerHabit(medianSeconds: 3, confidence: 0.15)

  private var account: PersonAccount
  private var timezone: String
  private var people = 0
  private var tests = 0
  private var tokens: PlatformTokens?
  /// The call to be made, and made again until it is known what came of it.
  package private(set) var step: LearnerStep
  /// What comes after his tokens are fresh.
  private var interrupted: LearnerStep?
  private var isUnknown = false
  private var wasUnknown = false
  private var deck: DeckRecord?
  private var answersLeft = 0
  private var refusals = 0
  private var doubtedLogins = 0
  /// Sessions that were begun and not ended, by their decks.
  private var openSessions: [Int64: Int64] = [:]
  private var isLeaving = false
  /// He has left, and nothing of his is open.
  package private(set) var isGone = false

  package private(set) var expected = ExpectedEvents()
  package private(set) var unknownOutcomes = 0
  /// Calls that got what a sound platform does not give.
  package private(set) var failures = 0

  /// - Parameters:
  ///   - run: makes his addresses different from those of all other runs.
  ///   - decks: which he may learn, at least one.
  package init(number: Int, run: String, seed: UInt64, decks: [Int64]) {
    self.number = number
    self.run = run
    self.decks = decks
    random = SeededGenerator(seed: SeededGenerator.mix(seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15))
    (account, timezone) = Self.person("\(run)-\(number)-0", &random)
    step = .register(account)
  }

  /// Whether it is not known what came of his last call.
  package var isOpen: Bool { isUnknown }
  package var isSignedIn: Bool { tokens != nil }
  package var operation: PlatformOperation { step.operation }

  /// What he would have the next call be, and in whose name.
  package mutating func call(atSeconds now: Int64) -> (step: LearnerStep, token: String?) {
    if let tokens, tokens.isStale(at: now), interrupted == nil, !isUnknown {
      switch step {
      case .register, .login, .refresh: break
      default:
        interrupted = step
        step = .refresh(tokens)
      }
    }
    return (step, tokens?.access)
  }

  /// From now on he only ends what is open: finds out what came of his last call, and finishes his sessions.
  package mutating func leave() {
    isLeaving = true
    if !isUnknown, interrupted == nil { wrapUp() }
  }

  private mutating func wrapUp() {
    if tokens != nil, let (deck, session) = openSessions.min(by: { $0.value < $1.value }) {
      step = .finish(session: session, deck: deck)
    } else {
      isGone = true
    }
  }

  /// Takes the answer to his call.
  package mutating func hear(_ answer: LearnerStep.Answer, at moment: Instant) {
    follow(answer, at: moment)
    if isLeaving, interrupted == nil, !isUnknown { wrapUp() }
  }

  private mutating func follow(_ answer: LearnerStep.Answer, at moment: Instant) {
    isUnknown = false
    refusals = 0
    switch (step, answer) {
    case (.refresh, .signedIn(let tokens)):
      self.tokens = tokens
      resume(or: .listDecks)
    case (.register, .signedIn(let tokens)):
      signedIn(tokens)
    case (.login, .signedIn(let tokens)):
      expected.add(EventKey("user_logged_in", person: tokens.personID))
      signedIn(tokens)
    case (.lookAtSelf, _): step = .listDecks
    case (.listDecks, _): step = .openDeck(random.pick(decks))
    case (.openDeck, .deck(let deck)):
      self.deck = deck
      step = .start(deck: deck.id)
    case (.start, .session(let session)):
      // One that was left for too long has been ended, and this is another.
      if let left = openSessions[session.deckID], left != session.id { ended(left, of: session.deckID) }
      openSessions[session.deckID] = session.id
      expected.note(key("learning_session_started", session: session.id))
      answersLeft = 6 + random.below(10)
      step = .next(session: session.id)
    case (.next(let session), .asked(let card)): asked(card, session, at: moment)
    case (.answer(let given, let card, let session), .answered(let record)):
      answered(given, card, session, endsSession: record.endsSession, at: moment)
    case (.finish(let session, let deck), _):
      ended(session, of: deck)
      endSession(at: moment)
    case (.test, .tested(let result)):
      expected.note(key("test_completed", result: result.id))
      endDay()
    default: preconditionFailure("an answer belongs to its call")
    }
  }

  /// Takes what he got instead of an answer.
  package mutating func hear(_ error: PlatformError) -> Reception {
    let reception = judge(error)
    if reception == .failed { failures += 1 }
    return reception
  }

  private mutating func judge(_ error: PlatformError) -> Reception {
    refusals += 1
    let rest = error.retryAfterSeconds.map(Double.init) ?? min(5, 0.1 * Double(1 << min(refusals, 6)))
    if error.leavesOutcomeUnknown {
      if !isUnknown { unknownOutcomes += 1 }
      isUnknown = true
      if case .login = step { doubtedLogins += 1 }
      let isBearable = error.isWorthARepeat(of: step.operation) || error == .cancelled
      return isBearable ? .again(restSeconds: rest) : .failed
    }
    switch (step, error.status) {
    case (_, nil), (_, 429): return .again(restSeconds: rest)
    case (.register, 409) where isUnknown:
      // The first time was heard after all.
      isUnknown = false
      step = .login(account, timezone: timezone)
      return .taken
    case (.register, _), (.login, _): break
    case (_, 401):
      // His session is gone, as when Redis was emptied.
      if interrupted == nil, step.operation != .refresh { (interrupted, wasUnknown) = (step, isUnknown) }
      isUnknown = false
      step = .login(account, timezone: timezone)
      return .again(restSeconds: rest)
    case (.answer(_, _, let session), 409):
      // Left for so long that it was ended.
      if let deck { ended(session, of: deck.id) }
      endDay()
      if isLeaving { wrapUp() }
      return .taken
    default: break
    }
    isUnknown = false
    // What cannot be finished is not tried for ever.
    if case .finish(_, let deck) = step { openSessions[deck] = nil }
    endDay()
    if isLeaving { wrapUp() }
    return .failed
  }

  private mutating func ended(_ session: Int64, of deck: Int64) {
    openSessions[deck] = nil
    expected.note(
      EventKey("learning_session_finished", person: tokens?.personID ?? 0, session: session, deck: deck))
  }

  private func key(_ type: String, session: Int64 = 0, card: Int64 = 0, result: Int64 = 0) -> EventKey {
    EventKey(
      type, person: tokens?.personID ?? 0, session: session, deck: deck?.id ?? 0, card: card, result: result)
  }

  private mutating func signedIn(_ tokens: PlatformTokens) {
    self.tokens = tokens
    expected.note(EventKey("user_registered", person: tokens.personID))
    for _ in 0..<doubtedLogins { expected.doubt(EventKey("user_logged_in", person: tokens.personID)) }
    doubtedLogins = 0
    resume(or: .lookAtSelf)
  }

  /// Goes on with what his sign-in interrupted.
  private mutating func resume(or other: LearnerStep) {
    step = interrupted ?? other
    if interrupted != nil { isUnknown = wasUnknown }
    interrupted = nil
    wasUnknown = false
  }

  private mutating func asked(_ card: AskedCard?, _ session: Int64, at moment: Instant) {
    guard let card else {
      step = .finish(session: session, deck: deck?.id ?? 0)
      return
    }
    let given = habit.answer(recall: memory.recall(of: card.id, at: moment), using: &random)
    step = .answer(given, to: card, session: session)
  }

  private mutating func answered(
    _ given: CardAnswer, _ card: AskedCard, _ session: Int64, endsSession: Bool, at moment: Instant
  ) {
    memory.answered(card.id, rating: given.rating, at: moment)
    expected.add(key("card_answered", session: session, card: card.id))
    answersLeft -= 1
    if endsSession {
      ended(session, of: deck?.id ?? 0)
      endSession(at: moment)
    } else if answersLeft > 0 {
      step = .next(session: session)
    } else if random.chance(0.15) {
      // He leaves; if he comes back to this deck, the session goes on.
      endDay()
    } else {
      step = .finish(session: session, deck: deck?.id ?? 0)
    }
  }

  private mutating func endSession(at moment: Instant) {
    guard random.chance(0.25), let deck, !deck.cards.isEmpty else { return endDay() }
    let answers = deck.cards.prefix(10).map { card in
      (card: card.id, given: habit.answer(recall: memory.recall(of: card.id, at: moment), using: &random))
    }
    tests += 1
    step = .test(answers, deck: deck.id, key: "\(run)-\(number)-\(tests)")
  }

  private mutating func endDay() {
    deck = nil
    interrupted = nil
    // Whoever has a session open stays, so that it can be ended.
    if tokens == nil || openSessions.isEmpty && random.chance(0.04) {
      people += 1
      (account, timezone) = Self.person("\(run)-\(number)-\(people)", &random)
      tokens = nil
      memory = PersonalMemory(prior: 0.4, slip: 0.05)
      step = .register(account)
    } else if random.chance(0.06) {
      step = .login(account, timezone: timezone)
    } else {
      step = .listDecks
    }
  }

  private static func person(_ id: String, _ random: inout SeededGenerator) -> (PersonAccount, String) {
    let language = random.pick(Language.allCases)
    let account = PersonAccount(
      name: random.pick(language.givenNames(ofWomen: random.chance(0.5))),
      surname: language.surname(random.below(language.surnameCount), ofWoman: false), email: "load-\(id)@load.example",
      password: String(random.next(), radix: 36) + String(random.next(), radix: 36))
    return (account, random.pick(language.zones).name)
  }
}
