import HTTPService

struct CoursePath: RequestObject {
  struct Fields: FieldSet {
    let id = Field("id", .id)
  }

  let id: Int64

  init(_ given: Given<Fields>) { id = given.id }
}

/// Of a deck in a course, or in an enrolment.
struct PlacePath: RequestObject {
  struct Fields: FieldSet {
    let id = Field("id", .id)
    let place = Field("rel", .id, "Of the deck's place in the course.")
  }

  let id: Int64
  let place: Int64

  init(_ given: Given<Fields>) {
    id = given.id
    place = given.place
  }
}

struct EnrollmentPath: RequestObject {
  struct Fields: FieldSet {
    let id = Field("id", .id)
  }

  let id: Int64

  init(_ given: Given<Fields>) { id = given.id }
}

struct JoinCodePath: RequestObject {
  struct Fields: FieldSet {
    let id = Field("id", .id)
    let code = Field("code", .text(1...32, .joinCode))
  }

  let id: Int64
  let code: String

  init(_ given: Given<Fields>) {
    id = given.id
    code = given.code
  }
}
