/// What happened: one case for each `event_type` of the catalogue. Raw values number the cases and never leave the process.
public enum EventType: UInt8, CaseIterable, Sendable, Hashable {
  case learningSessionStarted
  case learningSessionFinished
  case courseCreated
  case courseEnrolled
  case courseProgressUpdated
  case deckCreated
  case cardCreated
  case userRegistered
  case cardAnswered
  case testCompleted
  case coursePublished
  case courseUnpublished
  case courseUnenrolled
  case courseCompleted
  case deckUpdated
  case deckDeleted
  case cardUpdated
  case cardDeleted
  case userLoggedIn
  case userDeleted
  case courseUpdated
  case courseDeleted
  case courseDeckAdded
  case courseDeckRemoved
  case userErased

  /// The type of that name, or nil.
  public init?(name: some StringProtocol) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// The value of `event_type` on the wire and in the table.
  public var name: String {
    switch self {
    case .learningSessionStarted: "learning_session_started"
    case .learningSessionFinished: "learning_session_finished"
    case .courseCreated: "course_created"
    case .courseEnrolled: "course_enrolled"
    case .courseProgressUpdated: "course_progress_updated"
    case .deckCreated: "deck_created"
    case .cardCreated: "card_created"
    case .userRegistered: "user_registered"
    case .cardAnswered: "card_answered"
    case .testCompleted: "test_completed"
    case .coursePublished: "course_published"
    case .courseUnpublished: "course_unpublished"
    case .courseUnenrolled: "course_unenrolled"
    case .courseCompleted: "course_completed"
    case .deckUpdated: "deck_updated"
    case .deckDeleted: "deck_deleted"
    case .cardUpdated: "card_updated"
    case .cardDeleted: "card_deleted"
    case .userLoggedIn: "user_logged_in"
    case .userDeleted: "user_deleted"
    case .courseUpdated: "course_updated"
    case .courseDeleted: "course_deleted"
    case .courseDeckAdded: "course_deck_added"
    case .courseDeckRemoved: "course_deck_removed"
    case .userErased: "user_erased"
    }
  }

  /// Place in `allCases`, 0-based.
  public var index: Int { Int(rawValue) }
}
