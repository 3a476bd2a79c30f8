import CivilTime
import HTTPService
import ServiceContract

/// What somebody enrols by: a published course, or a code.
struct NewEnrollment: RequestObject {
  struct Fields: FieldSet {
    let course = Field(optional: "course", Self.course, "A published one.")
    let code = Field(optional: "join_code", Self.code, "Opens courses that are not published too.")

    static let course = Form.id
    static let code = Form.text(1...64)
  }

  /// How he gets in.
  enum Way: Sendable {
    case course(Int64)
    /// - Parameters:
    ///   - code: nil for what cannot be one.
    ///   - course: that it must be of, if one is named.
    case code(JoinCode?, course: Int64?)
  }

  let way: Way
  /// What tells it from other requests under one `Idempotency-Key`.
  let fingerprint: [UInt8]

  init(_ given: Given<Fields>) {
    switch (given.code, given.course) {
    case (let code?, let course): way = .code(JoinCode(typed: code), course: course)
    case (nil, let course?): way = .course(course)
    case (nil, nil): preconditionFailure("one of the two is there: the alternatives say so")
    }
    fingerprint = Array("\(given.course.map(String.init) ?? "") \(given.code ?? "")".utf8)
  }

  static let alternatives = [
    Alternatives(
      "course", demand: "be there, or join_code",
      [[Property("course", Fields.course.schema)], [Property("join_code", Fields.code.schema)]])
  ]
}

/// Whom a batch enrols.
struct EnrollmentBatch: RequestObject {
  struct Fields: FieldSet {
    let emails = Field(optional: "emails", Self.emails)
    let users = Field(optional: "user_ids", Self.users)

    static let emails = Form.array(of: .text(1...320), count: 1...CourseLimits.batch)
    static let users = Form.array(of: .id, count: 1...CourseLimits.batch)
  }

  /// One line: an address, or a person's number.
  enum Line: Sendable, Equatable {
    case email(String)
    case user(Int64)
  }

  let lines: [Line]

  init(_ given: Given<Fields>) {
    lines = (given.emails ?? []).map { .email($0) } + (given.users ?? []).map { .user($0) }
  }

  static let alternatives = [
    Alternatives(
      "emails", demand: "be there, or user_ids",
      [[Property("emails", Fields.emails.schema)], [Property("user_ids", Fields.users.schema)]])
  ]
}

/// What is to be opened by a code.
struct NewJoinCode: RequestObject {
  struct Fields: FieldSet {
    let expires = Field(nullable: "expires_at", .moment, "Until when it opens the course; null: until it is revoked.")
  }

  let expiresAt: Instant?

  init(_ given: Given<Fields>) { expiresAt = given.expires }
}

extension TextRule {
  /// As it may stand in a path.
  static let joinCode = TextRule(
    pattern: "^[A-Za-z0-9-]+$", demand: "must be letters, digits and hyphens"
  ) { $0.wholeMatch(of: /[A-Za-z0-9-]+/) != nil }
}

/// Which enrolments are asked for.
struct EnrollmentQuery: RequestObject {
  struct Fields: FieldSet {
    let course = Field(optional: "course", .id, "Of one course.")
    let cursor = PageRequest.cursorField
    let limit = PageRequest.limitField
  }

  let course: Int64?
  let cursor: String?
  let limit: Int

  init(_ given: Given<Fields>) {
    course = given.course
    cursor = given.cursor
    limit = given.limit
  }
}
