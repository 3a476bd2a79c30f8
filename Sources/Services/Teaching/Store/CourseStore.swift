import HTTPService
import Postgres
import ServiceContract
import ServiceStore

/// Courses in the database. Whoever sees or changes one is asked for.
struct CourseStore: Sendable {
  let pool: PostgresPool
  let outbox: OutboxWriter

  /// A course and its decks in their order, in one round trip.
  /// - Throws: 404.
  func detail(
    _ id: Int64, for access: CourseAccess, until deadline: ContinuousClock.Instant
  ) async throws -> (Course, [CourseDeck]) {
    let rows = try await pool.run(
      [
        PostgresCall(statement: CourseStatements.seen, values: [.int8(id)] + access.parameters),
        CourseStatements.decks(.int8(id)),
      ], until: deadline)
    guard let row = rows[0].first else { throw CourseAccess.notFound.failure() }
    return (try Course(row), try Self.decks(rows[1]))
  }

  /// The course, for somebody who may change it.
  /// - Throws: 404, 403.
  func course(
    _ id: Int64, toChange access: CourseAccess, until deadline: ContinuousClock.Instant
  ) async throws -> Course {
    let call = PostgresCall(statement: CourseStatements.seen, values: [.int8(id)] + access.parameters)
    return try Self.changeable(await pool.run(call, until: deadline), for: access)
  }

  /// Of the answer to ``CourseStatements/seen``.
  /// - Throws: 404, 403.
  static func changeable(_ rows: PostgresRows, for access: CourseAccess) throws -> Course {
    guard let row = rows.first else { throw CourseAccess.notFound.failure() }
    let course = try Course(row)
    guard access.teaches(course) else { throw CourseAccess.notYours.failure() }
    return course
  }

  func create(
    _ new: NewCourse, taughtBy teacher: Int64, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws -> Course {
    let outbox = outbox
    return try await pool.transaction(until: deadline) { transaction in
      let rows = try transaction.run(
        CourseStatements.insert(.int8(teacher), .text(new.title), .text(new.description), .moment(now)))
      let course = try Course(rows[0])
      var events = CourseEvents(at: now)
      events.created(course)
      transaction.runWithCommit([outbox.insert(events.all)])
      return course
    }
  }

  /// - Returns: the course as it is now, and whether anything has changed.
  func update(
    _ id: Int64, _ change: CourseChange, for access: CourseAccess, ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> (course: Course, changed: Bool) {
    try await write(id, for: access, ifMatch, at: now, until: deadline, change.applied) { $0.updated($1) }
  }

  /// - Returns: the course as it is now, and whether anything has changed.
  func publish(
    _ id: Int64, _ isPublished: Bool, for access: CourseAccess, ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> (course: Course, changed: Bool) {
    try await write(
      id, for: access, ifMatch, at: now, until: deadline,
      { course in
        var course = course
        course.isPublished = isPublished
        return course
      }, tell: { $0.publishedOrNot($1) })
  }

  private func write(
    _ id: Int64, for access: CourseAccess, _ ifMatch: IfMatch?, at now: Int64, until deadline: ContinuousClock.Instant,
    _ change: @escaping @Sendable (Course) -> Course,
    tell: @escaping @Sendable (inout CourseEvents, Course) -> Void
  ) async throws -> (course: Course, changed: Bool) {
    let outbox = outbox
    return try await pool.transaction(until: deadline) { transaction in
      let old = try Self.lock(id, for: access, ifMatch: ifMatch, in: transaction)
      var course = change(old)
      guard course != old else { return (old, false) }
      course.version += 1
      course.updated = .init(milliseconds: Int(now))
      var events = CourseEvents(at: now)
      tell(&events, course)
      transaction.runWithCommit([Self.write(course), outbox.insert(events.all)])
      return (course, true)
    }
  }

  /// With all that belongs to it.
  func delete(
    _ id: Int64, for access: CourseAccess, ifMatch: IfMatch?, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws {
    let outbox = outbox
    try await pool.transaction(until: deadline) { transaction in
      let course = try Self.lock(id, for: access, ifMatch: ifMatch, in: transaction)
      var events = CourseEvents(at: now)
      events.deleted(course)
      transaction.runWithCommit([CourseStatements.delete(.int8(id)), outbox.insert(events.all)])
    }
  }

  /// Locks a course for a change of it or of its decks.
  /// - Throws: 404, 403, 412.
  static func lock(
    _ id: Int64, for access: CourseAccess, ifMatch: IfMatch?, in transaction: PostgresTransaction
  ) throws -> Course {
    let call = CourseStatements.lock(.int8(id), .int8(access.caller.personID ?? 0))
    let (course, isEnrolled) = try locked(transaction.run(call))
    try access.requireChange(of: course, isEnrolled: isEnrolled)
    try ifMatch?.check(EntityTag(version: course.version))
    return course
  }

  /// Of the answer to ``CourseStatements/lock`` or ``CourseStatements/share``.
  /// - Throws: 404.
  static func locked(_ rows: PostgresRows) throws -> (Course, isEnrolled: Bool) {
    guard var fields = rows.first?.reader else { throw CourseAccess.notFound.failure() }
    return (try Course(&fields), try fields.next())
  }

  /// All that may change of a course.
  static func write(_ course: Course) -> PostgresCall {
    CourseStatements.update(
      .int8(course.id), .int8(course.teacherID), .text(course.title), .text(course.description),
      .bool(course.isPublished), .int8(course.version), .moment(course.updated))
  }

  static func decks(_ rows: PostgresRows) throws(PostgresError) -> [CourseDeck] {
    var decks: [CourseDeck] = []
    for row in rows { decks.append(try CourseDeck(row)) }
    return decks
  }
}
