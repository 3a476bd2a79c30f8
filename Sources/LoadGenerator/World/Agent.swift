/// Somebody on the way through a visit, or a thing with a life of its own; what it does next, and what it needs for that.
struct Agent: Sendable {
  enum Step: UInt8 {
    // A visit, in this order; most visits leave some out.
    case register, logIn, startSession, answer, finishSession, takeTest, enroll, progress, complete, unenroll, leave
    // A visit that makes a deck.
    case createDeck, createCard
    // A course's life, and what becomes of it when a deck is made or deleted.
    case createCourse, fillCourse, publishCourse, tendCourse, addCourseDeck, removeCourseDeck
    // A deck's life after its creation.
    case editDeck
    // What is left of a user who went.
    case eraseUser
  }

  /// What is still to come after the session, lowest bit first.
  struct Wishes: OptionSet, Sendable {
    let rawValue: UInt8
    static let test = Wishes(rawValue: 1)
    static let enrollment = Wishes(rawValue: 2)
    static let progress = Wishes(rawValue: 4)
    static let completion = Wishes(rawValue: 8)
    static let departure = Wishes(rawValue: 16)
    static let leave = Wishes(rawValue: 32)
    /// What only a course that there is can be wished of.
    static let ofCourses: Wishes = [.enrollment, .progress, .completion, .departure]
  }

  var step: Step
  var wishes: Wishes = []
  /// Index of the user who visits; -1 for things.
  var user = -1
  /// Index of the user who is gone and is to be erased; -1 for others.
  var departed = -1
  var deck = -1
  var course = -1
  var session: UInt64 = 0
  var startedMs: Int64 = 0
  /// Cards the session or the new deck shall have, and those done.
  var planned = 0
  var done = 0
  var learned = 0
  var correct = 0
  /// Events it was expected to make and has not made yet; what `World` paces arrivals by.
  var expected = 0

  var isVisit: Bool { user >= 0 }
}
