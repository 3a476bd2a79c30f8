import EventSchema
import Glibc

extension World {
  /// What the agent does now, and the milliseconds until its next step; nil when it has none.
  mutating func act(_ slot: Int, _ nowMs: Int64) -> (EventPayload, delayMs: Double?) {
    var agent = agents[slot]
    let result: (EventPayload, Double?)
    switch agent.step {
    case .register:
      agent.step = .logIn
      let id = userID(agent.user)
      let domain = Self.domains[min(Self.domains.count - 1, Int(random.unit() * random.unit() * 7))]
      result = (
        .userRegistered(userID: id, email: "learner\(id)@\(domain)", registeredAtMs: nowMs), pause(5_000)
      )
    case .logIn:
      let start: Agent.Step? = agent.planned == 0 ? nil : shelf.cardCount(agent.deck) > 0 ? .startSession : .createDeck
      if let start { agent.step = start }
      result = (logIn(agent.user, nowMs), start == nil ? nil : pause(4_000))
    case .startSession: result = startSession(&agent, nowMs)
    case .answer: result = answer(&agent, nowMs)
    case .finishSession: result = finishSession(&agent, nowMs)
    case .takeTest: result = takeTest(&agent, nowMs)
    case .enroll, .progress, .complete, .unenroll: result = study(&agent, nowMs)
    case .leave:
      learners.delete(agent.user)
      spawn(Agent(step: .eraseUser, departed: agent.user), within: 0.1)
      result = (.userDeleted(userID: userID(agent.user), deletedAtMs: nowMs), nil)
    case .createDeck:
      agent.step = .createCard
      let (deck, author) = (deckID(agent.deck), userID(agent.user))
      result = (
        .deckCreated(deckID: deck, authorID: author, createdAtMs: nowMs, title: shelf.title(ofDeck: agent.deck)),
        pause(15_000)
      )
    case .createCard: result = createCard(&agent, nowMs)
    case .createCourse, .fillCourse, .publishCourse, .tendCourse, .addCourseDeck, .removeCourseDeck:
      result = tend(&agent, nowMs)
    case .editDeck: result = edit(&agent, nowMs)
    case .eraseUser: result = (.userErased(userID: userID(agent.departed), erasedAtMs: nowMs), nil)
    }
    agents[slot] = agent
    return result
  }

  // MARK: Learning

  private mutating func logIn(_ user: Int, _ nowMs: Int64) -> EventPayload {
    // Producers of some age do not tell the zone.
    .userLoggedIn(
      userID: userID(user), loggedInAtMs: nowMs, timezone: random.chance(0.85) ? Names.timezone(ofUser: user) : nil)
  }

  private mutating func startSession(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    sessions += 1
    agent.session = idBase + sessions
    agent.startedMs = nowMs
    agent.step = .answer
    let payload = EventPayload.learningSessionStarted(
      sessionID: agent.session, userID: userID(agent.user), deckID: deckID(agent.deck), startedAtMs: nowMs)
    return (payload, thinkingTime(agent))
  }

  private mutating func answer(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    let number = Int(agent.session % 64) + agent.done
    let card = shelf.card(number, of: agent.deck)
    // Some people know more, some cards are harder; both stay so.
    let skill = Double(SeededGenerator.mix(UInt64(agent.user)) &>> 40) / Double(1 << 24)
    let hardness = Double(SeededGenerator.mix(UInt64(agent.deck * 64 + card) ^ 0xC0FFEE) &>> 40) / Double(1 << 24)
    let isCorrect = random.chance(min(0.97, 0.62 + 0.3 * skill - 0.28 * hardness))
    let rating: UInt8 = isCorrect ? (random.chance(0.45) ? 4 : random.chance(0.75) ? 3 : 2) : random.chance(0.8) ? 1 : 2
    agent.done += 1
    if isCorrect { agent.correct += 1 }
    if isCorrect, rating >= 3 { agent.learned += 1 }
    let answerTime = min(
      Double(nowMs - agent.startedMs), 900 + 9_000 * random.unit() * random.unit() + 3_000 * hardness)
    // One in ten is of a producer that knows neither ratings nor schedules.
    let isRated = random.chance(0.9)
    let schedule =
      isRated
      ? memories.answer(user: agent.user, card: agent.deck * Shelf.cardsAtMost + card, rating: rating, atMs: nowMs)
      : .none
    let payload = EventPayload.cardAnswered(
      sessionID: agent.session, userID: userID(agent.user), deckID: deckID(agent.deck),
      cardID: cardID(card, of: agent.deck), correct: isCorrect, answerTimeMs: UInt32(max(1, answerTime)),
      rating: isRated ? rating : nil, answeredAtMs: nowMs, schedule: schedule)
    let isLast = agent.done >= agent.planned
    // One in a hundred gives up after any card.
    if isLast || random.chance(0.012 + 0.02 * (1 - skill)) { agent.step = .finishSession }
    return (payload, agent.step == .finishSession ? pause(1_500) : thinkingTime(agent))
  }

  private mutating func finishSession(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    let isCompleted = agent.done >= agent.planned
    let payload = EventPayload.learningSessionFinished(
      sessionID: agent.session, userID: userID(agent.user), deckID: deckID(agent.deck), finishedAtMs: nowMs,
      totalCardsSeen: UInt32(agent.done), learnedCards: UInt32(agent.learned),
      durationSec: UInt32((nowMs - agent.startedMs) / 1_000), completed: isCompleted)
    if isCompleted, random.chance(0.14) { agent.wishes.insert(.test) }
    if shelf.isListed(deck: agent.deck), let place = learners.place(of: agent.course, user: agent.user) {
      if place.isEnrolled {
        if learners[place.index].isActive { agent.wishes.insert(.progress) }
      } else if shelf.isPublished(course: agent.course), random.chance(0.35) {
        agent.wishes.formUnion([.enrollment, .progress])
      }
    }
    if learners.mayLoseOne, random.chance(0.0015) { agent.wishes.insert(.leave) }
    return (payload, follow(&agent))
  }

  private mutating func takeTest(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    results += 1
    let total = agent.planned
    let rate = Double(agent.correct) / Double(max(1, agent.done))
    let correct = (0..<total).count { _ in random.chance(min(0.98, rate + 0.06)) }
    let payload = EventPayload.testCompleted(
      resultID: idBase + results, userID: userID(agent.user), deckID: deckID(agent.deck), cardsTotal: UInt32(total),
      cardsCorrect: UInt32(correct), correctRate: (Double(correct) / Double(total) * 10_000).rounded() / 10_000,
      totalTimeSec: UInt32(Double(total) * (3 + 6 * random.unit())), completedAtMs: nowMs)
    return (payload, follow(&agent))
  }

  private mutating func study(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    let user = userID(agent.user)
    let course = courseID(agent.course)
    // Nobody else enrols this user while the visit lasts.
    guard let place = learners.place(of: agent.course, user: agent.user)?.index else {
      return (logIn(agent.user, nowMs), nil)
    }
    let payload: EventPayload
    switch agent.step {
    case .enroll:
      enrollmentsMade += 1
      learners[place] = .init(course: Int32(agent.course), isActive: true, percent: 0, number: enrollmentsMade)
      payload = .courseEnrolled(
        enrollmentID: idBase + UInt64(enrollmentsMade), courseID: course, userID: user, enrolledAtMs: nowMs)
    case .progress:
      let lessons = 3 + SeededGenerator.mix(UInt64(agent.course)) % 4
      let gained = 100 / Double(lessons) * (agent.done >= agent.planned ? 1 : 0.5)
      let percent = min(100, ((Double(learners[place].percent) + gained) * 10).rounded() / 10)
      learners[place].percent = Float(percent)
      if percent > 99 {
        agent.wishes.insert(.completion)
      } else if random.chance(0.04 + 0.1 * (1 - percent / 100)) {
        learners[place].isActive = false
        if random.chance(0.35) { agent.wishes.insert(.departure) }
      }
      payload = .courseProgressUpdated(
        courseID: course, userID: user, deckID: deckID(agent.deck), progressPercent: percent > 99 ? 100 : percent,
        updatedAtMs: nowMs)
    case .complete:
      learners[place].isActive = false
      payload = .courseCompleted(
        enrollmentID: idBase + UInt64(learners[place].number), courseID: course, userID: user, completedAtMs: nowMs)
    default:
      payload = .courseUnenrolled(
        enrollmentID: idBase + UInt64(learners[place].number), courseID: course, userID: user, unenrolledAtMs: nowMs)
    }
    return (payload, follow(&agent))
  }

  /// Takes the next of an agent's wishes; nil when none is left.
  private mutating func follow(_ agent: inout Agent) -> Double? {
    if shelf.isDeleted(course: agent.course) { agent.wishes.subtract(.ofCourses) }
    for (wish, step) in Self.followUps where agent.wishes.contains(wish) {
      agent.wishes.remove(wish)
      agent.step = step
      return pause(wish == .test ? 40_000 : 3_000)
    }
    return nil
  }

  // MARK: Times and ids

  /// About that many milliseconds, at the world's pace.
  mutating func pause(_ ms: Double) -> Double { ms * (0.4 + 1.2 * random.unit()) * pace + 1 }

  private mutating func thinkingTime(_ agent: Agent) -> Double {
    (2_500 - 4_500 * log(1 - random.unit() * 0.97)) * pace + 1
  }

  /// About that part of the whole span.
  mutating func later(_ share: Double) -> Double {
    -log(1 - random.unit()) * share * Double(configuration.endMs - configuration.startMs) + 1
  }

  mutating func spawn(_ agent: Agent, within share: Double) {
    let timeMs = nowMs + Int64(later(share))
    if timeMs < configuration.endMs { add(agent, atMs: timeMs) }
  }

  func userID(_ user: Int) -> UInt64 { UInt64(userIDs[user]) + 1 }
  func deckID(_ deck: Int) -> UInt64 { UInt64(deckIDs[deck]) + 1 }
  func courseID(_ course: Int) -> UInt64 { UInt64(courseIDs[course]) + 1 }
  func cardID(_ card: Int, of deck: Int) -> UInt64 {
    UInt64(deckIDs[deck] * Shelf.cardsAtMost + card) + 1
  }

  private static let followUps: [(Agent.Wishes, Agent.Step)] = [
    (.test, .takeTest), (.enrollment, .enroll), (.progress, .progress), (.completion, .complete),
    (.departure, .unenroll), (.leave, .leave),
  ]
  private static let domains = [
    "example.com", "example.org", "mail.example", "example.net", "school.example", "university.example", "club.example",
  ]
}
