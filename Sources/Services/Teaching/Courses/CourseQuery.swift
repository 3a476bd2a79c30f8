import HTTPService
import ServiceContract

/// Which courses are asked for.
struct CourseQuery: RequestObject {
  struct Fields: FieldSet {
    let teacher = Field(optional: "teacher_id", .id, "Whose courses.")
    let published = Field(optional: "is_published", .flag)
    let cursor = PageRequest.cursorField
    let limit = PageRequest.limitField
  }

  let teacherID: Int64?
  let isPublished: Bool?
  let cursor: String?
  let limit: Int

  init(_ given: Given<Fields>) {
    teacherID = given.teacher
    isPublished = given.published
    cursor = given.cursor
    limit = given.limit
  }

  /// All that decides which courses the list has, but for who asks.
  var filters: [String] { [teacherID.map { "\($0)" } ?? "", isPublished.map { "\($0)" } ?? ""] }
}
