import CivilTime
import LoadGenerator
import PlatformClient

/// A learner of the demonstration school through his weeks: what he does and says there, replayed in order.
struct LearnerReplay {
  private enum Standing {
    case notYet
    case learning(SignedInPerson)
    /// A run that was interrupted has made him: he stays as he is.
    case elsewhere
  }

  private let persona: Persona
  private let plan: SchoolPlan
  private var random: SeededGenerator
  private var memory: PersonalMemory
  private var standing = Standing.notYet
  private var decks: [SchoolDeck] = []
  private var studyDays = 0
  private var tests = 0
  /// Sessions that were left, by their decks.
  private var openSessions: [Int64: Int64] = [:]
  private var caused = ExpectedEvents()

  init(_ persona: Persona, _ plan: SchoolPlan) {
    self.persona = persona
    self.plan = plan
    random = persona.sequence(seed: plan.seed)
    memory = PersonalMemory(strength: persona.strength, prior: persona.prior, slip: persona.slip)
  }

  /// Lives through some days.
  /// - Parameter offered: the decks that the school has by then.
  mutating func live(
    _ days: [CivilDate], _ offered: [SchoolDeck], over caller: PatientCaller, _ counts: SchoolCounts
  ) throws(PlatformError) {
    for day in days {
      guard let start = persona.rhythm.begins(on: day, using: &random) else { continue }
      // A sitting must be over by the end of the history.
      guard start.adding(milliseconds: 3_600_000) < plan.until else { continue }
      if case .notYet = standing { try join(at: start, caller, counts) }
      guard case .learning(var person) = standing else { continue }
      defer { standing = .learning(person) }
      try study(offered, from: start, as: &person, caller, counts)
    }
  }

  /// The events that all this must have caused; none of somebody whom another run has made.
  var expected: ExpectedEvents {
    guard case .learning(let person) = standing else { return ExpectedEvents() }
    var expected = caused
    // Left sessions end by themselves, later.
    for (deck, session) in openSessions {
      expected.doubt(EventKey("learning_session_finished", person: person.id, session: session, deck: deck))
    }
    return expected
  }

  private var email: String { "learner\(persona.number)@school.example" }

  private mutating func join(
    at start: Instant, _ caller: PatientCaller, _ counts: SchoolCounts
  ) throws(PlatformError) {
    let account = PersonAccount(
      name: persona.name, surname: persona.surname, email: email, password: plan.password.revealed)
    let tokens: PlatformTokens
    do throws(PlatformError) {
      tokens = try caller.send(.register(account), time: plan.time(start.adding(milliseconds: -90_000)))
    } catch {
      guard error.status == 409 else { throw error }
      standing = .elsewhere
      return
    }
    var person = SignedInPerson(tokens)
    caused.note(EventKey("user_registered", person: person.id))
    try caller.send(
      .changeSettings(
        timezone: persona.rhythm.zone.name, newPerDay: persona.newPerDay, desiredRetention: persona.desiredRetention,
        usesWeights: persona.usesWeights), as: &person, time: plan.time(start.adding(milliseconds: -60_000)))
    standing = .learning(person)
    counts.addLearner()
  }

  private mutating func study(
    _ offered: [SchoolDeck], from start: Instant, as person: inout SignedInPerson, _ caller: PatientCaller,
    _ counts: SchoolCounts
  ) throws(PlatformError) {
    var now = start
    // His device forgets him now and then.
    if studyDays == 0 || random.chance(0.1) {
      try logIn(at: now, as: &person, caller)
    }
    studyDays += 1
    if persona.makesDeck, studyDays == 3 { decks.append(try makeDeck(at: now, as: &person, caller, counts)) }
    choose(from: offered)
    guard !decks.isEmpty else { return }
    let first = random.below(decks.count)
    let sittings = decks.count > 1 && random.chance(0.3) ? 2 : 1
    for sitting in 0..<sittings {
      let deck = decks[(first + sitting) % decks.count]
      try learn(deck, from: &now, as: &person, caller, counts)
      now = now.adding(milliseconds: Int(random.between(10, 120) * 1000))
      if random.chance(persona.tests) { try takeTest(of: deck, from: &now, as: &person, caller, counts) }
    }
  }

  private mutating func logIn(
    at now: Instant, as person: inout SignedInPerson, _ caller: PatientCaller
  ) throws(PlatformError) {
    let unknown = caller.unknownOutcomes
    person.signIn(
      with: try caller.send(
        .login(email: email, password: plan.password.revealed, timezone: persona.rhythm.zone.name),
        time: plan.time(now)))
    let key = EventKey("user_logged_in", person: person.id)
    caused.add(key)
    for _ in unknown..<caller.unknownOutcomes { caused.doubt(key) }
  }

  /// He begins with one deck, and takes up the others as time goes on.
  private mutating func choose(from offered: [SchoolDeck]) {
    guard decks.count < persona.decks, decks.isEmpty || random.chance(0.25) else { return }
    let taken = Set(decks.map(\.id))
    let others = offered.filter { $0.language == persona.language && !taken.contains($0.id) }
    if !others.isEmpty { decks.append(random.pick(others)) }
  }

  private mutating func learn(
    _ deck: SchoolDeck, from now: inout Instant, as person: inout SignedInPerson, _ caller: PatientCaller,
    _ counts: SchoolCounts
  ) throws(PlatformError) {
    let session = try caller.send(.startSession(deck: deck.id), as: &person, time: plan.time(now))
    counts.addSession()
    // One that was left for too long has been ended, and this is another.
    if let left = openSessions[deck.id], left != session.id { ended(left, of: deck, person) }
    openSessions[deck.id] = session.id
    caused.note(EventKey("learning_session_started", person: person.id, session: session.id, deck: deck.id))
    for _ in 0..<persona.patience {
      now = now.adding(milliseconds: Int(random.between(600, 1800)))
      guard let card = try caller.send(.nextCard(session: session.id), as: &person, time: plan.time(now)) else { break }
      let given = persona.habit.answer(recall: memory.recall(of: card.id, at: now), using: &random)
      now = now.adding(milliseconds: Int(given.seconds * 1000))
      let answer = try caller.send(
        .answer(given, id: card.answerID, to: card.id, in: session.id), as: &person, time: plan.time(now))
      memory.answered(card.id, rating: given.rating, at: now)
      counts.addAnswer()
      caused.add(
        EventKey("card_answered", person: person.id, session: session.id, deck: deck.id, card: card.id))
      if answer.endsSession { return ended(session.id, of: deck, person) }
    }
    if random.chance(persona.leaves) { return }
    now = now.adding(milliseconds: 2_000)
    _ = try caller.send(.finishSession(session.id), as: &person, time: plan.time(now))
    ended(session.id, of: deck, person)
  }

  private mutating func ended(_ session: Int64, of deck: SchoolDeck, _ person: SignedInPerson) {
    openSessions[deck.id] = nil
    caused.note(EventKey("learning_session_finished", person: person.id, session: session, deck: deck.id))
  }

  /// A test of cards that he was asked before.
  private mutating func takeTest(
    of deck: SchoolDeck, from now: inout Instant, as person: inout SignedInPerson, _ caller: PatientCaller,
    _ counts: SchoolCounts
  ) throws(PlatformError) {
    let known = Set(memory.known)
    let cards = deck.cards.filter(known.contains).prefix(15)
    guard cards.count >= 5 else { return }
    var answers: [(card: Int64, given: CardAnswer)] = []
    for card in cards {
      let given = persona.habit.answer(recall: memory.recall(of: card, at: now), using: &random)
      now = now.adding(milliseconds: Int(given.seconds * 1000))
      answers.append((card, given))
    }
    tests += 1
    let key = "seed-demo-\(plan.seed)-\(persona.number)-\(tests)"
    let result = try caller.send(.recordTest(answers, of: deck.id, key: key), as: &person, time: plan.time(now))
    counts.addTest()
    caused.note(EventKey("test_completed", person: person.id, deck: deck.id, result: result.id))
  }

  private mutating func makeDeck(
    at now: Instant, as person: inout SignedInPerson, _ caller: PatientCaller, _ counts: SchoolCounts
  ) throws(PlatformError) -> SchoolDeck {
    let (title, cards) = persona.language.privateDeck
    let time = plan.time(now)
    let deck = try caller.send(.createDeck(NewDeck(title: title, isPrivate: true)), as: &person, time: time)
    let new = cards.enumerated().map { NewCard(front: $1.front, back: $1.back, order: $0) }
    let made = try caller.send(.addCards(new, to: deck.id), as: &person, time: time)
    counts.addDeck()
    caused.note(EventKey("deck_created", person: person.id, deck: deck.id))
    caused.noteCards(made, of: deck.id)
    return SchoolDeck(id: deck.id, language: persona.language, week: 0, cards: made.map(\.id))
  }
}
