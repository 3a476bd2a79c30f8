extension Catalogue {
  /// The catalogue, version 1. To add a type: a case in `EventType`, its definition here, its case in `EventPayload`
  /// (the compiler asks for both), and a migration when it brings a new column.
  public static let v1 = Catalogue(
    envelope: [
      Field("event_id", .uuid, .eventID),
      Field("event_type", .eventType, .eventType),
      Field("event_version", .eventVersion, .eventVersion, isRequired: false),
      // Spelt with one r on the wire, and so it stays.
      Field("occured_at", .time, .occurredAt),
      Field("producer", .string, .producer),
      Field("payload", .object, nil),
    ],
    events: [
      EventDefinition(
        .learningSessionStarted, .learning, key: .user,
        [.id(.sessionID), .id(.userID), .id(.deckID), .time("started_at")]),
      EventDefinition(
        .learningSessionFinished, .learning, key: .user,
        [
          .id(.sessionID), .id(.userID), .id(.deckID), .time("finished_at"), .count(.totalCardsSeen),
          .count(.learnedCards), .count(.durationSec), .flag(.completed),
        ]),
      EventDefinition(
        .courseCreated, .course, key: .course, [.id(.courseID), .id(.authorID), .time("created_at"), .title]),
      EventDefinition(
        .courseEnrolled, .course, key: .enrollment,
        [.id(.enrollmentID, isRequired: false), .id(.courseID), .id(.userID), .time("enrolled_at")]),
      EventDefinition(
        .courseProgressUpdated, .course, key: .course,
        [.id(.courseID), .id(.userID), .id(.deckID), .number(.progressPercent, 0...100), .time("updated_at")]),
      EventDefinition(
        .deckCreated, .content, key: .deck, [.id(.deckID), .id(.authorID), .time("created_at"), .title]),
      EventDefinition(.cardCreated, .content, key: .card, [.id(.cardID), .id(.deckID), .time("created_at")]),
      EventDefinition(
        .userRegistered, .user, key: .user,
        [.id(.userID), Field("email", .email, .email), .time("registered_at")]),
      EventDefinition(
        .cardAnswered, .learning, key: .user,
        [
          .id(.sessionID), .id(.userID), .id(.deckID), .id(.cardID), .flag(.correct), .count(.answerTimeMs),
          Field("rating", .integer(1...4), .rating, isRequired: false), .time("answered_at"),
          .count(.sincePreviousSec, isRequired: false), .count(.scheduledDays, isRequired: false),
          .number(.stability, 0...1_000_000, isRequired: false), .number(.retrievability, 0...1, isRequired: false),
          Field("due_at", .dueTime, .dueAt, isRequired: false),
        ]),
      EventDefinition(
        .testCompleted, .learning, key: .user,
        [
          .id(.resultID), .id(.userID), .id(.deckID), .count(.cardsTotal), .count(.cardsCorrect),
          .number(.correctRate, 0...1), .count(.totalTimeSec), .time("completed_at"),
        ]),
      EventDefinition(
        .coursePublished, .course, key: .course, [.id(.courseID), .id(.authorID), .time("changed_at")]),
      EventDefinition(
        .courseUnpublished, .course, key: .course, [.id(.courseID), .id(.authorID), .time("changed_at")]),
      EventDefinition(
        .courseUnenrolled, .course, key: .enrollment,
        [.id(.enrollmentID), .id(.courseID), .id(.userID), .time("unenrolled_at")]),
      EventDefinition(
        .courseCompleted, .course, key: .enrollment,
        [.id(.enrollmentID), .id(.courseID), .id(.userID), .time("completed_at")]),
      EventDefinition(
        .deckUpdated, .content, key: .deck, [.id(.deckID), .id(.authorID), .time("changed_at"), .title]),
      EventDefinition(
        .deckDeleted, .content, key: .deck, [.id(.deckID), .id(.authorID), .time("changed_at"), .title]),
      EventDefinition(.cardUpdated, .content, key: .card, [.id(.cardID), .id(.deckID), .time("changed_at")]),
      EventDefinition(.cardDeleted, .content, key: .card, [.id(.cardID), .id(.deckID), .time("changed_at")]),
      EventDefinition(
        .userLoggedIn, .user, key: .user,
        [.id(.userID), .time("logged_in_at"), Field("timezone", .timeZone, .timezone, isRequired: false)]),
      EventDefinition(.userDeleted, .user, key: .user, [.id(.userID), .time("deleted_at")]),
      EventDefinition(
        .courseUpdated, .course, key: .course, [.id(.courseID), .id(.authorID), .time("changed_at"), .title]),
      EventDefinition(
        .courseDeleted, .course, key: .course, [.id(.courseID), .id(.authorID), .time("changed_at")]),
      EventDefinition(
        .courseDeckAdded, .course, key: .course,
        [.id(.courseID), .id(.deckID), .count(.orderIndex), .time("changed_at")]),
      EventDefinition(
        .courseDeckRemoved, .course, key: .course, [.id(.courseID), .id(.deckID), .time("changed_at")]),
      EventDefinition(.userErased, .user, key: .user, [.id(.userID), .time("erased_at")]),
    ])
}
