import Postgres
import ServiceContract

/// Pages of courses, newest first: a statement for each combination of filters, so that each has a plan of its own.
struct CourseList: Sendable {
  /// What narrows the list; the raw value is the statement's place.
  private struct Filters: OptionSet {
    let rawValue: Int
    static let visibleOnly = Filters(rawValue: 1)
    static let teacher = Filters(rawValue: 2)
    static let published = Filters(rawValue: 4)
    static let unpublished = Filters(rawValue: 8)
    static let combinations = 16
  }

  private static let statements = (0..<Filters.combinations).map { statement(Filters(rawValue: $0)) }

  private let pool: PostgresPool

  init(_ pool: PostgresPool) {
    self.pool = pool
  }

  func page(
    _ query: CourseQuery, after place: PagePlace?, count: Int, for access: CourseAccess,
    until deadline: ContinuousClock.Instant
  ) async throws -> [Course] {
    let place = PagePlace.bounded(place)
    var filters: Filters = []
    var values: [PostgresValue] = [
      .timestamptz(PostgresTimestamp(microseconds: place.position)), .int8(place.id), .int8(count),
    ]
    if !access.caller.isManager {
      filters.insert(.visibleOnly)
      values += access.parameters
    }
    if let teacher = query.teacherID {
      filters.insert(.teacher)
      values.append(.int8(teacher))
    }
    if let isPublished = query.isPublished { filters.insert(isPublished ? .published : .unpublished) }
    let call = PostgresCall(statement: Self.statements[filters.rawValue], values: values)
    var courses: [Course] = []
    for row in try await pool.run(call, until: deadline) { courses.append(try Course(row)) }
    return courses
  }

  static func place(of course: Course) -> PagePlace {
    PagePlace(position: Int64(course.created.milliseconds) * 1000, id: course.id)
  }

  /// Its parameters: place and count, the caller's where not all is seen, then the teacher.
  private static func statement(_ filters: Filters) -> PostgresStatement {
    var conditions = ["(c.created_at, c.id) < ($1, $2)"]
    var next = 4
    if filters.contains(.visibleOnly) {
      conditions.append(CourseAccess.visible(next))
      next += 2
    }
    if filters.contains(.teacher) { conditions.append("c.teacher_id = $\(next)") }
    if filters.contains(.published) { conditions.append("c.is_published") }
    if filters.contains(.unpublished) { conditions.append("NOT c.is_published") }
    return PostgresStatement(
      "courses.list.\(filters.rawValue)",
      """
      SELECT \(Course.columns)
      FROM courses c WHERE \(conditions.joined(separator: " AND "))
      ORDER BY c.created_at DESC, c.id DESC LIMIT $3
      """)
  }
}

extension PagePlace {
  /// Later than anything that is stored: the year 9999, in microseconds.
  private static let top = PagePlace(position: 253_370_764_800_000_000, id: .max)

  /// One that Postgres has a time for: a cursor that somebody made up may name a time that is in no calendar.
  static func bounded(_ place: PagePlace?) -> PagePlace {
    guard let place else { return top }
    return PagePlace(position: min(max(place.position, 0), top.position), id: place.id)
  }
}
