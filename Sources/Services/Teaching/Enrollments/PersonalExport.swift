import CivilTime

/// All that is kept here of a person.
struct PersonalExport: Sendable {
  /// Those that he teaches.
  let courses: [Course]
  /// Those that are over, too.
  let enrollments: [ExportedEnrollment]
}

struct ExportedEnrollment: Sendable {
  let enrollment: Enrollment
  let completions: [DeckCompletion]
}

/// That somebody is through with a deck.
struct DeckCompletion: Sendable {
  let enrollmentID: Int64
  let deckID: Int64
  let completedAt: Instant
  /// He said so himself.
  let isByHand: Bool
}
