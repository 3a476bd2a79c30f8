import Blocking
import Postgres
import ServiceStore

/// What somebody whose account is gone for good leaves. His courses stay, as what others learn by, and his enrolments, as rows of
/// a number that leads to nobody; what he wrote of courses that are not published, and his guesses, go.
package struct ErasureStore: PersonErasure {
  private static let patience = Duration.seconds(20)
  /// Courses of one transaction.
  private static let batch = 100

  private static let unpublished = PostgresStatement(
    "erasure.unpublished",
    """
    SELECT \(Course.columns) FROM courses c
    WHERE c.teacher_id = $1 AND NOT c.is_published AND c.description <> '' ORDER BY c.id
    LIMIT \(batch) FOR UPDATE
    """)
  private static let forgetGuesses = PostgresStatement(
    "erasure.forgetGuesses", "DELETE FROM guesses WHERE user_id = $1")

  private let connection: PostgresConnection
  private let outbox: OutboxWriter

  package init(_ database: PostgresConfiguration, outbox: OutboxWriter) {
    connection = PostgresConnection(database)
    self.outbox = outbox
  }

  package func erase(_ person: Int64, at now: Int64, cancellation: CancellationFlag) throws {
    while try eraseSome(person, at: now, cancellation) {}
    try connection.run(
      Self.forgetGuesses(.int8(person)), until: .now + Self.patience, cancellation: cancellation)
  }

  /// - Returns: whether there may be more.
  private func eraseSome(_ person: Int64, at now: Int64, _ cancellation: CancellationFlag) throws -> Bool {
    try connection.transaction(until: .now + Self.patience, cancellation: cancellation) { transaction in
      var events = CourseEvents(at: now)
      var calls: [PostgresCall] = []
      for row in try transaction.run(Self.unpublished(.int8(person))) {
        var course = try Course(row)
        course.description = ""
        course.version += 1
        course.updated = .init(milliseconds: Int(now))
        calls.append(CourseStore.write(course))
        events.updated(course)
      }
      guard !calls.isEmpty else { return false }
      transaction.runWithCommit(calls + [outbox.insert(events.all)])
      return true
    }
  }
}
