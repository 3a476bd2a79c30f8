import EventSchema

/// Random events of the catalogue, and the rows they must become.
struct SampleEvents {
  var random: Seeded
  var timeMs: ClosedRange<Int64> = 1_600_000_000_000...1_760_000_000_000

  init(seed: UInt64) { random = Seeded(seed) }

  mutating func id() -> UInt64 {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: random.pick([0, 1, 9, 10, 99_999_999, 100_000_000, UInt64.max, .max - 1, UInt64(UInt32.max) + 1])
    case 1: random.next()
    default: UInt64.random(in: 1...2_000_000, using: &random)
    }
  }

  mutating func count() -> UInt32 {
    random.one(in: 5) ? random.pick([0, 1, UInt32.max]) : UInt32.random(in: 0...5000, using: &random)
  }

  mutating func time() -> Int64 { Int64.random(in: timeMs, using: &random) }

  mutating func number(_ bounds: ClosedRange<Double>) -> Double {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: random.pick([bounds.lowerBound, bounds.upperBound, bounds.upperBound / 3])
    case 1: (Double.random(in: bounds, using: &random) * 100).rounded() / 100
    default: Double.random(in: bounds, using: &random)
    }
  }

  mutating func text() -> String {
    random.pick([
      "decks-service", "auth-service", "", "a\"b\\c\n", "служба", "😀 service", "x\u{0}y",
      "long-" + String(repeating: "x", count: 300),
    ])
  }

  mutating func email() -> String {
    random.pick(["Ann@Example.COM", "a@b", "@", "x@y@Z.org", "ü@bücher.example", "user\(id())@mail.example"])
  }

  mutating func title() -> String? {
    random.pick([
      nil, "", "Spanish: verbs 1", "Анатомия", "a\"b\\c\n", "日本語の動詞", String(repeating: "x", count: 200),
      String(repeating: "😀", count: 200), "e\u{301}\u{302}",
    ])
  }

  mutating func timezone() -> String? {
    random.pick([
      nil, "UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia", "Etc/GMT+5", "GB-Eire",
      String(repeating: "Z", count: 64),
    ])
  }

  mutating func schedule() -> AnswerSchedule {
    var schedule = AnswerSchedule.none
    if random.one(in: 3) { return schedule }
    if !random.one(in: 3) { schedule.sincePreviousSec = count() }
    if !random.one(in: 3) { schedule.scheduledDays = count() }
    if !random.one(in: 3) { schedule.stability = number(0...1_000_000) }
    if !random.one(in: 3) { schedule.retrievability = number(0...1) }
    if !random.one(in: 3) {
      schedule.dueAtMs = Int64.random(in: timeMs.lowerBound...EventDecoder.latestTimeMs, using: &random)
    }
    return schedule
  }

  mutating func event(_ type: EventType) -> Event {
    Event(
      id: .random(using: &random), occurredAtMs: time(), producer: text(), payload: payload(type))
  }

  mutating func payload(_ type: EventType) -> EventPayload {
    switch type {
    case .learningSessionStarted:
      .learningSessionStarted(sessionID: id(), userID: id(), deckID: id(), startedAtMs: time())
    case .learningSessionFinished:
      .learningSessionFinished(
        sessionID: id(), userID: id(), deckID: id(), finishedAtMs: time(), totalCardsSeen: count(),
        learnedCards: count(), durationSec: count(), completed: random.one(in: 2))
    case .courseCreated: .courseCreated(courseID: id(), authorID: id(), createdAtMs: time(), title: title())
    case .courseEnrolled:
      .courseEnrolled(
        enrollmentID: random.one(in: 2) ? nil : id(), courseID: id(), userID: id(), enrolledAtMs: time())
    case .courseProgressUpdated:
      .courseProgressUpdated(
        courseID: id(), userID: id(), deckID: id(), progressPercent: number(0...100), updatedAtMs: time())
    case .deckCreated: .deckCreated(deckID: id(), authorID: id(), createdAtMs: time(), title: title())
    case .cardCreated: .cardCreated(cardID: id(), deckID: id(), createdAtMs: time())
    case .userRegistered: .userRegistered(userID: id(), email: email(), registeredAtMs: time())
    case .cardAnswered:
      .cardAnswered(
        sessionID: id(), userID: id(), deckID: id(), cardID: id(), correct: random.one(in: 2), answerTimeMs: count(),
        rating: random.one(in: 3) ? nil : UInt8.random(in: 1...4, using: &random), answeredAtMs: time(),
        schedule: schedule())
    case .testCompleted:
      .testCompleted(
        resultID: id(), userID: id(), deckID: id(), cardsTotal: count(), cardsCorrect: count(),
        correctRate: number(0...1), totalTimeSec: count(), completedAtMs: time())
    case .coursePublished: .coursePublished(courseID: id(), authorID: id(), changedAtMs: time())
    case .courseUnpublished: .courseUnpublished(courseID: id(), authorID: id(), changedAtMs: time())
    case .courseUnenrolled:
      .courseUnenrolled(enrollmentID: id(), courseID: id(), userID: id(), unenrolledAtMs: time())
    case .courseCompleted:
      .courseCompleted(enrollmentID: id(), courseID: id(), userID: id(), completedAtMs: time())
    case .deckUpdated: .deckUpdated(deckID: id(), authorID: id(), changedAtMs: time(), title: title())
    case .deckDeleted: .deckDeleted(deckID: id(), authorID: id(), changedAtMs: time(), title: title())
    case .cardUpdated: .cardUpdated(cardID: id(), deckID: id(), changedAtMs: time())
    case .cardDeleted: .cardDeleted(cardID: id(), deckID: id(), changedAtMs: time())
    case .userLoggedIn: .userLoggedIn(userID: id(), loggedInAtMs: time(), timezone: timezone())
    case .userDeleted: .userDeleted(userID: id(), deletedAtMs: time())
    case .courseUpdated: .courseUpdated(courseID: id(), authorID: id(), changedAtMs: time(), title: title())
    case .courseDeleted: .courseDeleted(courseID: id(), authorID: id(), changedAtMs: time())
    case .courseDeckAdded:
      .courseDeckAdded(courseID: id(), deckID: id(), orderIndex: count(), changedAtMs: time())
    case .courseDeckRemoved: .courseDeckRemoved(courseID: id(), deckID: id(), changedAtMs: time())
    case .userErased: .userErased(userID: id(), erasedAtMs: time())
    }
  }
}

extension Event {
  /// Its wire form.
  var wire: [UInt8] {
    var encoder = EventEncoder()
    var bytes: [UInt8] = []
    encoder.append(self, to: &bytes)
    return bytes
  }
}
