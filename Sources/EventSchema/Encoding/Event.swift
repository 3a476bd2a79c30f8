/// One event, typed, as a producer makes it.
public struct Event: Sendable, Hashable {
  public var id: EventID
  /// When it happened, milliseconds since 1970.
  public var occurredAtMs: Int64
  /// The service it comes from.
  public var producer: String
  public var payload: EventPayload

  public init(id: EventID, occurredAtMs: Int64, producer: String, payload: EventPayload) {
    self.id = id
    self.occurredAtMs = occurredAtMs
    self.producer = producer
    self.payload = payload
  }

  public var type: EventType { payload.type }
  public var topic: Topic { Catalogue.v1[payload.type].topic }
}

/// What an event says, by type: the values in the order of the type's definition. Times (`At`) are milliseconds since 1970; nil
/// is left out of the message.
public enum EventPayload: Sendable, Hashable {
  case learningSessionStarted(sessionID: UInt64, userID: UInt64, deckID: UInt64, startedAtMs: Int64)
  case learningSessionFinished(
    sessionID: UInt64, userID: UInt64, deckID: UInt64, finishedAtMs: Int64, totalCardsSeen: UInt32,
    learnedCards: UInt32,
    durationSec: UInt32, completed: Bool)
  case courseCreated(courseID: UInt64, authorID: UInt64, createdAtMs: Int64, title: String?)
  case courseEnrolled(enrollmentID: UInt64?, courseID: UInt64, userID: UInt64, enrolledAtMs: Int64)
  case courseProgressUpdated(
    courseID: UInt64, userID: UInt64, deckID: UInt64, progressPercent: Double, updatedAtMs: Int64)
  case deckCreated(deckID: UInt64, authorID: UInt64, createdAtMs: Int64, title: String?)
  case cardCreated(cardID: UInt64, deckID: UInt64, createdAtMs: Int64)
  case userRegistered(userID: UInt64, email: String, registeredAtMs: Int64)
  case cardAnswered(
    sessionID: UInt64, userID: UInt64, deckID: UInt64, cardID: UInt64, correct: Bool, answerTimeMs: UInt32,
    rating: UInt8?, answeredAtMs: Int64, schedule: AnswerSchedule)
  case testCompleted(
    resultID: UInt64, userID: UInt64, deckID: UInt64, cardsTotal: UInt32, cardsCorrect: UInt32, correctRate: Double,
    totalTimeSec: UInt32, completedAtMs: Int64)
  case coursePublished(courseID: UInt64, authorID: UInt64, changedAtMs: Int64)
  case courseUnpublished(courseID: UInt64, authorID: UInt64, changedAtMs: Int64)
  case courseUnenrolled(enrollmentID: UInt64, courseID: UInt64, userID: UInt64, unenrolledAtMs: Int64)
  case courseCompleted(enrollmentID: UInt64, courseID: UInt64, userID: UInt64, completedAtMs: Int64)
  case deckUpdated(deckID: UInt64, authorID: UInt64, changedAtMs: Int64, title: String?)
  case deckDeleted(deckID: UInt64, authorID: UInt64, changedAtMs: Int64, title: String?)
  case cardUpdated(cardID: UInt64, deckID: UInt64, changedAtMs: Int64)
  case cardDeleted(cardID: UInt64, deckID: UInt64, changedAtMs: Int64)
  case userLoggedIn(userID: UInt64, loggedInAtMs: Int64, timezone: String?)
  case userDeleted(userID: UInt64, deletedAtMs: Int64)
  case courseUpdated(courseID: UInt64, authorID: UInt64, changedAtMs: Int64, title: String?)
  case courseDeleted(courseID: UInt64, authorID: UInt64, changedAtMs: Int64)
  case courseDeckAdded(courseID: UInt64, deckID: UInt64, orderIndex: UInt32, changedAtMs: Int64)
  case courseDeckRemoved(courseID: UInt64, deckID: UInt64, changedAtMs: Int64)
  case userErased(userID: UInt64, erasedAtMs: Int64)

  public var type: EventType {
    switch self {
    case .learningSessionStarted: .learningSessionStarted
    case .learningSessionFinished: .learningSessionFinished
    case .courseCreated: .courseCreated
    case .courseEnrolled: .courseEnrolled
    case .courseProgressUpdated: .courseProgressUpdated
    case .deckCreated: .deckCreated
    case .cardCreated: .cardCreated
    case .userRegistered: .userRegistered
    case .cardAnswered: .cardAnswered
    case .testCompleted: .testCompleted
    case .coursePublished: .coursePublished
    case .courseUnpublished: .courseUnpublished
    case .courseUnenrolled: .courseUnenrolled
    case .courseCompleted: .courseCompleted
    case .deckUpdated: .deckUpdated
    case .deckDeleted: .deckDeleted
    case .cardUpdated: .cardUpdated
    case .cardDeleted: .cardDeleted
    case .userLoggedIn: .userLoggedIn
    case .userDeleted: .userDeleted
    case .courseUpdated: .courseUpdated
    case .courseDeleted: .courseDeleted
    case .courseDeckAdded: .courseDeckAdded
    case .courseDeckRemoved: .courseDeckRemoved
    case .userErased: .userErased
    }
  }
}
