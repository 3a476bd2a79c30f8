import HTTPService
import Postgres
import ServiceContract
import ServiceStore

/// Who is in which course, in the database.
struct EnrollmentStore: Sendable {
  static let notFound = FailureDeclaration(.notFound, "ENROLLMENT_NOT_FOUND", "There is no such enrolment.")
  static let notYours = FailureDeclaration(
    .forbidden, "ENROLLMENT_NOT_YOURS", "Only who is enrolled says what he is through with.")
  static let notPublished = FailureDeclaration(
    .forbidden, "COURSE_NOT_PUBLISHED", "Nobody enrols by himself before the course is published; a join code lets in.")
  static let alreadyEnrolled = FailureDeclaration(
    .conflict, "ALREADY_ENROLLED", "He is enrolled in this course already.")
  static let codeRefused = FailureDeclaration(
    .notFound, "JOIN_CODE_NOT_FOUND", "There is no such code: it never was, has expired, or was revoked.")
  static let tooManyGuesses = FailureDeclaration(
    .tooManyRequests, "TOO_MANY_GUESSES", "Too many guesses were wrong; try again later.")

  /// What a request to enrol has led to.
  struct Outcome: Sendable {
    let reply: KeptReply
    /// Whether the reply is not an earlier one.
    let isNew: Bool
  }

  /// Who wants to be in a course, and how it is told.
  struct Applicant: Sendable {
    let caller: Caller
    let repetition: Repetition
    /// Milliseconds since 1970.
    let now: Int64
    let report: @Sendable (Enrollment) -> KeptReply
  }

  let pool: PostgresPool
  let outbox: OutboxWriter

  /// - Throws: 404 for a course he may not see, 403 for one that is not published, 409 where he is in it.
  func enroll(
    _ applicant: Applicant, in course: Int64, until deadline: ContinuousClock.Instant
  ) async throws -> Outcome {
    let person = try applicant.caller.person()
    return try await pool.transaction(until: deadline) { transaction in
      if let reply = try applicant.repetition.firstReply(in: transaction) { return Outcome(reply: reply, isNew: false) }
      let (course, isEnrolled) = try CourseStore.locked(
        transaction.run(CourseStatements.share(.int8(course), .int8(person))))
      try CourseAccess(applicant.caller).requireSight(of: course, isEnrolled: isEnrolled)
      guard !isEnrolled else { throw Self.alreadyEnrolled.failure() }
      guard course.isPublished else { throw Self.notPublished.failure() }
      return try enter(course, applicant, person, in: transaction)
    }
  }

  /// By a code, also into a course that is not published.
  /// - Parameter course: refuses the code of another one.
  /// - Throws: 404 for a code that opens nothing, 429 after too many of those, 409 where he is in the course.
  func join(
    _ applicant: Applicant, by code: JoinCode?, course: Int64?, until deadline: ContinuousClock.Instant
  ) async throws -> Outcome {
    let person = try applicant.caller.person()
    let joined: Joined = try await pool.transaction(until: deadline) { transaction in
      if let reply = try applicant.repetition.firstReply(in: transaction) {
        return .done(Outcome(reply: reply, isNew: false))
      }
      if case .refused(let seconds) = try GuessLimit.codes.count(of: person, in: transaction) {
        transaction.runWithCommit(applicant.repetition.release())
        return .refused(retryAfterSeconds: seconds)
      }
      // Counted even so: what is no code at all is a guess too.
      let rows = try code.map {
        try transaction.run(
          JoinCodeStore.open(.text($0.text), .int8(person), .moment(applicant.now), .int8(course)))
      }
      guard let rows, !rows.isEmpty else {
        transaction.runWithCommit(applicant.repetition.release())
        return .wrong
      }
      let (course, isEnrolled) = try CourseStore.locked(rows)
      guard !isEnrolled else { throw Self.alreadyEnrolled.failure() }
      transaction.runWithCommit([GuessLimit.codes.forgive(person)])
      return .done(try enter(course, applicant, person, in: transaction))
    }
    switch joined {
    case .done(let outcome): return outcome
    case .wrong: throw Self.codeRefused.failure()
    case .refused(let seconds): throw Self.tooManyGuesses.failure(headers: [.retryAfter: "\(seconds)"])
    }
  }

  /// A wrong guess is counted, so its transaction does not fail.
  private enum Joined: Sendable {
    case done(Outcome)
    case wrong
    case refused(retryAfterSeconds: Int)
  }

  private func enter(
    _ course: Course, _ applicant: Applicant, _ person: Int64, in transaction: PostgresTransaction
  ) throws -> Outcome {
    let call = EnrollmentStatements.enroll(.int8(course.id), .int8(person), .moment(applicant.now))
    guard let row = try transaction.run(call).first else { throw Self.alreadyEnrolled.failure() }
    let enrollment = try Enrollment(row, courseTitle: course.title)
    var events = CourseEvents(at: applicant.now)
    events.enrolled(enrollment)
    let reply = applicant.report(enrollment)
    transaction.runWithCommit([outbox.insert(events.all)] + applicant.repetition.keep(reply))
    return Outcome(reply: reply, isNew: true)
  }

  /// Counts people whom somebody named and who are not registered: whoever has a course could find out so who is. Managers know.
  /// - Throws: 429 after too many.
  func countUnknown(_ count: Int, for caller: Caller, until deadline: ContinuousClock.Instant) async throws {
    guard count > 0, !caller.isManager else { return }
    let verdict = try await GuessLimit.people.count(count, of: try caller.person(), on: pool, until: deadline)
    guard case .refused(let seconds) = verdict else { return }
    throw Self.tooManyGuesses.failure(headers: [.retryAfter: "\(seconds)"])
  }

  /// Those of `people`, each once, who are not in the course.
  /// - Returns: all of their enrolments by person, and who is new.
  /// - Throws: 404, 403.
  func enroll(
    _ people: [Int64], in id: Int64, for access: CourseAccess, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws -> (enrollments: [Int64: Int64], new: Set<Int64>) {
    try await pool.transaction(until: deadline) { transaction in
      let (course, isEnrolled) = try CourseStore.locked(
        transaction.run(CourseStatements.share(.int8(id), .int8(access.caller.personID ?? 0))))
      try access.requireChange(of: course, isEnrolled: isEnrolled)
      let rows = try transaction.run([
        EnrollmentStatements.enrollAll(.int8(id), .int8Array(people), .moment(now)),
        EnrollmentStatements.ofPeople(.int8(id), .int8Array(people)),
      ])
      var events = CourseEvents(at: now)
      var new: Set<Int64> = []
      for row in rows[0] {
        let enrollment = try Enrollment(row, courseTitle: course.title)
        new.insert(enrollment.userID)
        events.enrolled(enrollment)
      }
      var enrollments: [Int64: Int64] = [:]
      for row in rows[1] { enrollments[try row.value(1)] = try row.value(0, as: Int64.self) }
      if !new.isEmpty { transaction.runWithCommit([outbox.insert(events.all)]) }
      return (enrollments, new)
    }
  }

  /// Ends an enrolment; what was reached stays.
  /// - Throws: 404 for one that the caller may not see, or that is over.
  func leave(
    _ id: Int64, for caller: Caller, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws {
    let person = try caller.person()
    try await pool.transaction(until: deadline) { transaction in
      let call = EnrollmentStatements.lock(.int8(id), .int8(person), .bool(caller.isManager))
      guard let row = try transaction.run(call).first else { throw Self.notFound.failure() }
      var events = CourseEvents(at: now)
      events.unenrolled(try Enrollment(row))
      transaction.runWithCommit([EnrollmentStatements.leave(.int8(id), .moment(now)), outbox.insert(events.all)])
    }
  }

  /// The learner says that he is through with a deck.
  /// - Parameter place: of the deck in the course.
  /// - Returns: his enrolment as it is now, and whether anything has changed.
  /// - Throws: 404, 403.
  func complete(
    _ place: Int64, in id: Int64, for caller: Caller, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws -> (enrollment: Enrollment, changed: Bool) {
    let person = try caller.person()
    return try await pool.transaction(until: deadline) { transaction in
      let call = EnrollmentStatements.lock(.int8(id), .int8(person), .bool(caller.isManager))
      guard let row = try transaction.run(call).first else { throw Self.notFound.failure() }
      var enrollment = try Enrollment(row)
      guard enrollment.userID == person else { throw Self.notYours.failure() }
      let found = try transaction.run(EnrollmentStatements.deckOfPlace(.int8(place), .int8(enrollment.courseID)))
      guard let deck = try found.first?.value(0, as: Int64.self) else { throw CourseDeckStore.notFound.failure() }
      let rows = try transaction.run([
        EnrollmentStatements.completeDeck(.int8(id), .int8(deck), .moment(now)),
        EnrollmentStatements.left(.int8(id), .int8(enrollment.courseID)),
      ])
      guard !rows[0].isEmpty else { return (enrollment, false) }
      var events = CourseEvents(at: now)
      events.progressed(enrollment, in: deck, to: 100)
      var calls: [PostgresCall] = []
      if enrollment.completedAt == nil, try rows[1][0].value(0, as: Int64.self) == 0 {
        enrollment.completedAt = .init(milliseconds: Int(now))
        calls.append(EnrollmentStatements.complete(.int8(id), .moment(now)))
        events.completed(enrollment)
      }
      transaction.runWithCommit(calls + [outbox.insert(events.all)])
      return (enrollment, true)
    }
  }
}
