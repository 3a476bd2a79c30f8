import HTTPService
import Postgres
import ServiceContract

/// By which a caller may see a course (a published one everybody; any its teacher, those enrolled in it, and managers) or
/// change it (its teacher and managers). The one rule, as SQL and as a function.
struct CourseAccess: Sendable {
  static let notFound = FailureDeclaration(.notFound, "COURSE_NOT_FOUND", "There is no such course.")
  static let notYours = FailureDeclaration(
    .forbidden, "COURSE_NOT_YOURS", "This of a course is for its teacher and for managers.")

  let caller: Caller

  init(_ caller: Caller) {
    self.caller = caller
  }

  /// Holds for a row of `courses` named `c` in which the person `$person` is enrolled.
  static func enrolled(_ person: Int) -> String {
    """
    EXISTS (SELECT 1 FROM enrollments own
      WHERE own.course_id = c.id AND own.user_id = $\(person) AND own.unenrolled_at IS NULL)
    """
  }

  /// Holds for a row of `courses` named `c` that the caller may see. It uses the parameters `$first` and `$first + 1`, which are
  /// ``parameters``.
  static func visible(_ first: Int) -> String {
    "(c.is_published OR c.teacher_id = $\(first) OR $\(first + 1) OR \(enrolled(first)))"
  }

  /// Of ``visible(_:)``: the caller's id, 0 for none, and whether everything is seen.
  var parameters: [PostgresValue] { [.int8(caller.personID ?? 0), .bool(caller.isManager)] }

  /// - Throws: 404 for who may not see the course.
  func requireSight(of course: Course, isEnrolled: Bool) throws(RequestFailure) {
    guard course.isPublished || isEnrolled || teaches(course) else { throw Self.notFound.failure() }
  }

  /// - Throws: 404 for who may not see the course, 403 for who may see it only.
  func requireChange(of course: Course, isEnrolled: Bool) throws(RequestFailure) {
    try requireSight(of: course, isEnrolled: isEnrolled)
    guard teaches(course) else { throw Self.notYours.failure() }
  }

  /// Whether the caller may change the course, and see who learns in it.
  func teaches(_ course: Course) -> Bool { caller.mayChange(whatIsOwnedBy: course.teacherID) }
}
