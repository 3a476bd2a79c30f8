import CivilTime

/// A person in a course.
package struct Enrollment: Sendable, Equatable {
  package let id: Int64
  package let courseID: Int64
  package let userID: Int64
  /// The last time.
  package let enrolledAt: Instant
  /// Since when he is not in it any more.
  package var unenrolledAt: Instant?
  /// Since when he is through with it, whatever is added to it.
  package var completedAt: Instant?
  package let courseTitle: String
}
