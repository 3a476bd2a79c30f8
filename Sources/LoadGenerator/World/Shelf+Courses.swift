/// Courses. Each has the decks whose number, divided by that of the courses, leaves its own; `listed` are those it has now.
extension Shelf {
  struct Course: Sendable {
    enum Stage: UInt8 {
      case planned, made, published, deleted
    }

    var stage = Stage.planned
    /// Index of the user whose idea it was; -1 while nobody had it.
    var author: Int32 = -1
    /// How often it was renamed.
    var name: UInt8 = 0
  }

  func course(ofDeck deck: Int) -> Int { deck % courseCount }
  func author(ofCourse course: Int) -> Int { Int(courses[course].author) }
  func title(ofCourse course: Int) -> String { Names.course(course, version: Int(courses[course].name)) }
  mutating func rename(course: Int) { courses[course].name &+= 1 }

  /// True for the one who first asks, who is then its author.
  mutating func claim(course: Int, author user: Int) -> Bool {
    guard courses[course].author < 0 else { return false }
    courses[course].author = Int32(user)
    return true
  }

  func isMade(course: Int) -> Bool { courses[course].stage == .made || isPublished(course: course) }
  func isPublished(course: Int) -> Bool { courses[course].stage == .published }
  func isDeleted(course: Int) -> Bool { course >= 0 && courses[course].stage == .deleted }
  mutating func make(course: Int) { courses[course].stage = .made }
  mutating func setPublished(_ published: Bool, course: Int) { courses[course].stage = published ? .published : .made }

  /// Few enough are deleted that courses go on being studied.
  var mayLoseCourse: Bool { coursesDeleted < courseCount / 10 }

  mutating func delete(course: Int) {
    courses[course].stage = .deleted
    coursesDeleted += 1
    for deck in listedDecks(ofCourse: course) { listed[deck] = false }
  }

  func isListed(deck: Int) -> Bool { listed[deck] }

  func listedDecks(ofCourse course: Int) -> [Int] {
    stride(from: course, to: created, by: courseCount).filter { listed[$0] }
  }

  /// A deck one can learn from that the course does not have yet.
  func unlistedDeck(ofCourse course: Int) -> Int? {
    ready.first { self.course(ofDeck: $0) == course && !listed[$0] }
  }

  /// Whether a deck's course can have it and does not yet.
  func takes(_ deck: Int) -> Bool {
    isMade(course: course(ofDeck: deck)) && !listed[deck] && ready.contains(deck)
  }

  /// Puts a deck at its course's end.
  /// - Returns: its place there, from 0.
  mutating func list(deck: Int) -> Int {
    let place = listedDecks(ofCourse: course(ofDeck: deck)).count
    listed[deck] = true
    return place
  }

  mutating func unlist(deck: Int) { listed[deck] = false }
}
