import EventSchema

/// A world of people who learn, and the events they cause, in the order in which they happened.
///
/// A discrete-event simulation: agents sit in an agenda by the time of their next step, and each step makes one event. New
/// visits arrive so that the events made and those still expected of the visits under way follow the activity curve; so the
/// given number of events ends at the end of the time span, whatever the agents decide on the way. Memory: 33 bytes a user,
/// some tens a deck, and the visits under way, whose number is bounded by shortening them when there would be too many.
///
/// The same configuration gives the same events, ids included.
package struct World: Sendable {
  package let configuration: WorldConfiguration
  /// Events made so far.
  package internal(set) var emitted = 0

  var random: SeededGenerator
  var agenda = Agenda()
  var agents: [Agent] = []
  var freeSlots: [Int] = []
  var learners: Learners
  var shelf: Shelf
  var memories = CardMemories()
  /// Events expected of the visits under way.
  var expected = 0
  var visits = 0
  var sessions: UInt64 = 0
  var results: UInt64 = 0
  var enrollmentsMade: UInt32 = 0
  var nowMs: Int64
  var nextArrivalMs: Int64

  let curve: ActivityCurve
  let userIDs: Shuffle
  let deckIDs: Shuffle
  let courseIDs: Shuffle
  /// Sessions, results and enrolments of different seeds never share an id; below 2^52, so that JavaScript reads them.
  let idBase: UInt64
  let idSeed: UInt64
  /// By how much visits are shortened to fit the span (1: not at all).
  let pace: Double

  /// Milliseconds and events of an ordinary visit.
  static let typicalVisitMs = 150_000.0
  static let typicalVisitEvents = 17.0

  package init(_ configuration: WorldConfiguration) {
    self.configuration = configuration
    let span = Double(max(1, configuration.endMs - configuration.startMs))
    // Visits begun at the curve's end still finish within the span.
    let margin = min(span * 0.04, 1_800_000)
    let visitsAtOnce = Double(min(20_000, max(1, configuration.users / 4)))
    let perMs = Double(configuration.events) / span / Self.typicalVisitEvents
    pace = min(1, margin / 2 / Self.typicalVisitMs, visitsAtOnce / 3 / (perMs * Self.typicalVisitMs))
    curve = ActivityCurve(
      startMs: configuration.startMs, endMs: configuration.endMs - Int64(margin), seed: configuration.seed)
    random = SeededGenerator(seed: configuration.seed)
    learners = Learners(count: configuration.users, skew: configuration.userSkew)
    shelf = Shelf(decks: configuration.decks, courses: configuration.courses, skew: configuration.deckSkew)
    userIDs = Shuffle(count: learners.count, seed: configuration.seed)
    deckIDs = Shuffle(count: shelf.deckCount, seed: configuration.seed)
    courseIDs = Shuffle(count: shelf.courseCount, seed: configuration.seed)
    idSeed = SeededGenerator.mix(configuration.seed ^ 0x6B61_7274_6F74_656B)
    idBase = (idSeed & 0xF_FFFF) << 32
    nowMs = configuration.startMs
    nextArrivalMs = configuration.startMs
  }

  /// The next event; nil after the configured number.
  package mutating func next() -> Event? {
    guard emitted < configuration.events else { return nil }
    while agenda.isEmpty || nextArrivalMs <= agenda.nextTimeMs { arrive() }
    nowMs = max(nowMs, agenda.nextTimeMs)
    let slot = agenda.nextSlot
    let id = nextID()
    let timeMs = min(nowMs, configuration.endMs)
    let (payload, delay) = act(slot, timeMs)
    if agents[slot].expected > 0 {
      agents[slot].expected -= 1
      expected -= 1
    }
    emitted += 1
    if let delay {
      agenda.postponeFirst(toMs: nowMs + Int64(delay))
    } else {
      agenda.removeFirst()
      end(slot)
    }
    return Event(id: id, occurredAtMs: timeMs, producer: Self.producer(of: payload), payload: payload)
  }

  /// The id of the event to come: a version 4 UUID made of seed and position.
  private func nextID() -> EventID {
    let high = SeededGenerator.mix(idSeed &+ UInt64(emitted) &* 0x9E37_79B9_7F4A_7C15)
    let low = SeededGenerator.mix(high ^ UInt64(emitted))
    return EventID(high: high & ~0xF000 | 0x4000, low: low & ~(0b11 &<< 62) | 0b10 &<< 62)
  }

  mutating func add(_ agent: Agent, atMs timeMs: Int64) {
    expected += agent.expected
    if let slot = freeSlots.popLast() {
      agents[slot] = agent
      agenda.insert(slot: slot, atMs: timeMs)
    } else {
      agents.append(agent)
      agenda.insert(slot: agents.count - 1, atMs: timeMs)
    }
  }

  private mutating func end(_ slot: Int) {
    if agents[slot].isVisit { learners.end(agents[slot].user) }
    expected -= agents[slot].expected
    freeSlots.append(slot)
    scheduleArrival()
  }

  func scheduled() -> Double { Double(emitted + expected) / Double(configuration.events) }

  mutating func scheduleArrival() {
    let share = scheduled()
    // All that is wanted is under way, unless it came to less than expected.
    nextArrivalMs = share >= 1 && expected > 0 ? .max : max(nowMs, curve.time(ofShare: share))
  }

  /// Begins one visit, or none when everybody is visiting already.
  private mutating func arrive() {
    guard let user = learners.someoneFree(using: &random) else {
      precondition(!agenda.isEmpty, "nobody is left in the world")
      nextArrivalMs = .max
      return
    }
    visits += 1
    let isNew = !learners.isRegistered(user)
    learners.begin(user)
    var agent = Agent(step: .startSession, user: user)
    switch shelf.choose(limit: 3 + visits / 20, author: user, using: &random) {
    case .learn(let deck):
      agent.deck = deck
      agent.course = shelf.course(ofDeck: deck)
      let wanted = 6 + random.below(10) + random.below(12)
      agent.planned = max(1, min(shelf.cardCount(deck), wanted))
      agent.expected = agent.planned + 3
    case .author(let deck):
      agent.step = .createDeck
      agent.deck = deck
      agent.course = shelf.course(ofDeck: deck)
      agent.planned = 8 + random.below(20) + random.below(20)
      agent.expected = agent.planned + 1
    case .nothingToDo:
      agent.step = .logIn
    }
    let isFirst = agent.step
    if isNew {
      agent.step = .register
    } else if isFirst == .logIn || random.chance(0.6) {
      agent.step = .logIn
    }
    if agent.step != isFirst || isFirst == .logIn { agent.expected += isNew ? 2 : 1 }
    let arrival = nextArrivalMs == .max ? nowMs : nextArrivalMs
    add(agent, atMs: max(nowMs, arrival))
    scheduleArrival()
  }

  private static func producer(of payload: EventPayload) -> String {
    switch payload {
    case .userRegistered, .userLoggedIn: "auth-service"
    case .userDeleted, .userErased: "users-service"
    case .courseCreated, .courseEnrolled, .courseProgressUpdated, .coursePublished, .courseUnpublished,
      .courseUnenrolled, .courseCompleted, .courseUpdated, .courseDeleted, .courseDeckAdded, .courseDeckRemoved:
      "teaching-service"
    default: "decks-service"
    }
  }
}
