import EventSchema

/// A number a query can ask for. Raw values are the names callers use.
package enum Metric: String, Sendable, CaseIterable {
  case events
  case activeUsers = "active_users"
  case registrations, logins
  case sessionsStarted = "sessions_started"
  case sessionsFinished = "sessions_finished"
  case completionRate = "completion_rate"
  case studySeconds = "study_seconds"
  case avgSessionSeconds = "avg_session_seconds"
  case cardsSeen = "cards_seen"
  case cardsLearned = "cards_learned"
  case answers
  case correctRate = "correct_rate"
  case avgAnswerMs = "avg_answer_ms"
  case tests
  case avgScore = "avg_score"
  case enrollments, unenrollments, completions
  case avgProgress = "avg_progress"
  case coursesCreated = "courses_created"
  case decksCreated = "decks_created"
  case cardsCreated = "cards_created"

  /// How the number is made of the events of `types`.
  package enum Measure: Sendable, Equatable {
    case count
    case distinctUsers
    case sum(EventColumn)
    /// Null without any event.
    case mean(EventColumn)
    /// Share of events with the flag set, 0…1; null without any event.
    case share(EventColumn)
  }

  /// Learning events: what makes a user active.
  package static let learning: [EventType] = [
    .learningSessionStarted, .learningSessionFinished, .cardAnswered, .testCompleted,
  ]

  /// The event types the metric is about; all for `events`.
  package var types: [EventType] {
    switch self {
    case .events: EventType.allCases
    case .activeUsers: Self.learning
    case .registrations: [.userRegistered]
    case .logins: [.userLoggedIn]
    case .sessionsStarted: [.learningSessionStarted]
    case .sessionsFinished, .completionRate, .studySeconds, .avgSessionSeconds, .cardsSeen, .cardsLearned:
      [.learningSessionFinished]
    case .answers, .correctRate, .avgAnswerMs: [.cardAnswered]
    case .tests, .avgScore: [.testCompleted]
    case .enrollments: [.courseEnrolled]
    case .unenrollments: [.courseUnenrolled]
    case .completions: [.courseCompleted]
    case .avgProgress: [.courseProgressUpdated]
    case .coursesCreated: [.courseCreated]
    case .decksCreated: [.deckCreated]
    case .cardsCreated: [.cardCreated]
    }
  }

  package var measure: Measure {
    switch self {
    case .activeUsers: .distinctUsers
    case .completionRate: .share(.completed)
    case .studySeconds: .sum(.durationSec)
    case .avgSessionSeconds: .mean(.durationSec)
    case .cardsSeen: .sum(.totalCardsSeen)
    case .cardsLearned: .sum(.learnedCards)
    case .correctRate: .share(.correct)
    case .avgAnswerMs: .mean(.answerTimeMs)
    case .avgScore: .mean(.correctRate)
    case .avgProgress: .mean(.progressPercent)
    default: .count
    }
  }

  /// Whether an empty group's value is null rather than 0.
  package var isNullWhenEmpty: Bool {
    switch measure {
    case .mean, .share: true
    case .count, .distinctUsers, .sum: false
    }
  }

  /// What the number is, in one line.
  package var meaning: String {
    switch self {
    case .events: "events of any type"
    case .activeUsers: "distinct users with a learning event: a session started or finished, an answer, a test"
    case .registrations: "users registered"
    case .logins: "logins"
    case .sessionsStarted: "learning sessions started"
    case .sessionsFinished: "learning sessions finished"
    case .completionRate: "share of finished sessions that were completed, 0 to 1"
    case .studySeconds: "time spent in finished sessions, in seconds"
    case .avgSessionSeconds: "mean length of a finished session, in seconds"
    case .cardsSeen: "cards seen in finished sessions"
    case .cardsLearned: "cards learned in finished sessions"
    case .answers: "cards answered"
    case .correctRate: "share of answers that were correct, 0 to 1"
    case .avgAnswerMs: "mean time to answer a card, in milliseconds"
    case .tests: "tests completed"
    case .avgScore: "mean score of tests, 0 to 1"
    case .enrollments: "enrolments in courses"
    case .unenrollments: "enrolments given up"
    case .completions: "courses completed"
    case .avgProgress: "mean of the progress reported in courses, 0 to 100"
    case .coursesCreated: "courses created"
    case .decksCreated: "decks created"
    case .cardsCreated: "cards created"
    }
  }

  /// `count`, `ratio`, `seconds`, `milliseconds` or `percent`: how to show the number.
  package var unit: String {
    switch self {
    case .completionRate, .correctRate, .avgScore: "ratio"
    case .studySeconds, .avgSessionSeconds: "seconds"
    case .avgAnswerMs: "milliseconds"
    case .avgProgress: "percent"
    default: "count"
    }
  }
}
