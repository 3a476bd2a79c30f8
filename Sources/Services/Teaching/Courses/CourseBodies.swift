import HTTPService

/// What a course is to be. Whoever makes it teaches it.
struct NewCourse: RequestObject {
  struct Fields: FieldSet {
    let title = Field("title", CourseFields.title)
    let description = Field("description", CourseFields.description, default: .string(""))
  }

  let title: String
  let description: String

  init(_ given: Given<Fields>) {
    title = given.title
    description = given.description
  }
}

/// What is to change of a course; what is left out stays.
struct CourseChange: RequestObject {
  struct Fields: FieldSet {
    let title = Field(optional: "title", CourseFields.title)
    let description = Field(optional: "description", CourseFields.description)
    let teacher = Field(optional: "teacher_id", .id, "Who teaches it from now on. For managers.")
  }

  let title: String?
  let description: String?
  let teacherID: Int64?

  init(_ given: Given<Fields>) {
    title = given.title
    description = given.description
    teacherID = given.teacher
  }

  func applied(to course: Course) -> Course {
    var course = course
    if let title { course.title = title }
    if let description { course.description = description }
    if let teacherID { course.teacherID = teacherID }
    return course
  }
}

enum CourseFields {
  static let title = Form.text(CourseLimits.titleLength, .notBlank)
  static let description = Form.text(CourseLimits.descriptionLength)
}
