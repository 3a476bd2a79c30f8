import CivilTime

/// A course without its decks.
package struct Course: Sendable, Equatable {
  package let id: Int64
  /// Who made it, or whom it was handed over to.
  package var teacherID: Int64
  package var title: String
  package var description: String
  /// Whether everybody sees it and may enrol.
  package var isPublished: Bool
  /// Counts the changes of the course and of the decks in it.
  package var version: Int64
  package let created: Instant
  package var updated: Instant
}

/// How much a course may hold.
enum CourseLimits {
  static let titleLength = 1...200
  static let descriptionLength = 0...4000
  static let decks = 100
  static let orderIndex = 0...1_000_000
  /// That are not revoked.
  static let joinCodes = 20
  /// People whom one batch enrols.
  static let batch = 500
}
