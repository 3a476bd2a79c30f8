/// What the world knows of its users: 33 bytes a user.
struct Learners: Sendable {
  struct State: OptionSet, Sendable {
    let rawValue: UInt8
    static let registered = State(rawValue: 1)
    static let visiting = State(rawValue: 2)
    static let deleted = State(rawValue: 4)
  }

  /// One course a user is, or was, enrolled in.
  struct Enrollment: Sendable {
    var course: Int32 = -1
    var isActive = false
    var percent: Float = 0
    var number: UInt32 = 0
  }

  static let coursesEach = 2

  let count: Int
  private(set) var deletedCount = 0
  private var states: [State]
  private var enrollments: [Enrollment]
  private let activity: ZipfDistribution

  init(count: Int, skew: Double) {
    self.count = max(1, count)
    states = Array(repeating: [], count: self.count)
    enrollments = Array(repeating: Enrollment(), count: self.count * Self.coursesEach)
    activity = ZipfDistribution(count: self.count, skew: skew)
  }

  /// A user who is neither visiting nor gone, the busier the likelier; nil when all are taken.
  func someoneFree(using random: inout SeededGenerator) -> Int? {
    for _ in 0..<12 {
      let user = activity.next(using: &random)
      if isFree(user) { return user }
    }
    let first = random.below(count)
    for step in 0..<min(count, 4_096) where isFree((first + step) % count) { return (first + step) % count }
    return nil
  }

  private func isFree(_ user: Int) -> Bool { states[user].isDisjoint(with: [.visiting, .deleted]) }

  func isRegistered(_ user: Int) -> Bool { states[user].contains(.registered) }

  mutating func begin(_ user: Int) { states[user].formUnion([.visiting, .registered]) }

  mutating func end(_ user: Int) { states[user].remove(.visiting) }

  /// Few enough are deleted that a small world does not die out.
  var mayLoseOne: Bool { deletedCount < count / 10 }

  mutating func delete(_ user: Int) {
    states[user].insert(.deleted)
    deletedCount += 1
  }

  /// Where the user's enrolment in a course is kept, or the place for a new one; nil when there is none left.
  func place(of course: Int, user: Int) -> (index: Int, isEnrolled: Bool)? {
    let first = user * Self.coursesEach
    for index in first..<first + Self.coursesEach where enrollments[index].course == Int32(course) {
      return (index, true)
    }
    for index in first..<first + Self.coursesEach where enrollments[index].course < 0 { return (index, false) }
    return nil
  }

  subscript(place: Int) -> Enrollment {
    get { enrollments[place] }
    set { enrollments[place] = newValue }
  }
}
