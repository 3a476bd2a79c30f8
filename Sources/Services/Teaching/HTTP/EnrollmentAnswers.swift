import CivilTime
import HTTPService

extension Enrollment {
  static let representation = Representation<Enrollment>.object(
    "Enrollment",
    [
      .init("id", .id) { $0.id },
      .init("course_id", .id) { $0.courseID },
      .init("course_title", .text) { $0.courseTitle },
      .init("user_id", .id) { $0.userID },
      .init("enrolled_at", .moment) { $0.enrolledAt },
      .init("completed_at", .nullable(.moment), "Stays, whatever is added to the course.") { $0.completedAt },
    ])
}

extension BatchLine {
  static let representation = Representation<BatchLine>.object(
    "EnrolledLine",
    [
      .init("email", .nullable(.text), "As it was given; null for a number.") { $0.email },
      .init("user_id", .nullable(.id), "As it was given; null for an address.") { $0.user },
      .init("result", .choice(Result.allCases.map(\.rawValue))) { $0.result.rawValue },
      .init("enrollment_id", .nullable(.id), "Null where there is nobody.") { $0.enrollment },
    ])

  private var email: String? {
    if case .email(let address) = line { address } else { nil }
  }

  private var user: Int64? {
    if case .user(let id) = line { id } else { nil }
  }
}

extension IssuedCode {
  static let representation = Representation<IssuedCode>.object(
    "JoinCode",
    [
      .init("id", .id) { $0.id },
      .init("code", .text, "In capitals; typed in either case.") { $0.code },
      .init("created_at", .moment) { $0.createdAt },
      .init("expires_at", .nullable(.moment), "Null: it holds until it is revoked.") { $0.expiresAt },
    ])
}
