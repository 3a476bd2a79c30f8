import EventSchema

/// What has happened to courses and those enrolled within one transaction, in order.
struct CourseEvents {
  static let producer = "teaching-service"

  private(set) var all: [Event] = []
  /// Milliseconds since 1970.
  private let now: Int64

  init(at now: Int64) {
    self.now = now
  }

  mutating func created(_ course: Course) {
    add(
      .courseCreated(
        courseID: UInt64(course.id), authorID: UInt64(course.teacherID), createdAtMs: now, title: course.title))
  }

  mutating func updated(_ course: Course) {
    add(
      .courseUpdated(
        courseID: UInt64(course.id), authorID: UInt64(course.teacherID), changedAtMs: now, title: course.title))
  }

  /// As the course is from now on.
  mutating func publishedOrNot(_ course: Course) {
    let (id, author) = (UInt64(course.id), UInt64(course.teacherID))
    add(
      course.isPublished
        ? .coursePublished(courseID: id, authorID: author, changedAtMs: now)
        : .courseUnpublished(courseID: id, authorID: author, changedAtMs: now))
  }

  mutating func deleted(_ course: Course) {
    add(.courseDeleted(courseID: UInt64(course.id), authorID: UInt64(course.teacherID), changedAtMs: now))
  }

  /// Added, or put somewhere else.
  mutating func placed(_ deck: CourseDeck, in course: Int64) {
    add(
      .courseDeckAdded(
        courseID: UInt64(course), deckID: UInt64(deck.deckID), orderIndex: UInt32(deck.orderIndex), changedAtMs: now))
  }

  mutating func removed(_ deck: CourseDeck, from course: Int64) {
    add(.courseDeckRemoved(courseID: UInt64(course), deckID: UInt64(deck.deckID), changedAtMs: now))
  }

  mutating func enrolled(_ enrollment: Enrollment) {
    add(
      .courseEnrolled(
        enrollmentID: UInt64(enrollment.id), courseID: UInt64(enrollment.courseID), userID: UInt64(enrollment.userID),
        enrolledAtMs: now))
  }

  mutating func unenrolled(_ enrollment: Enrollment) {
    add(
      .courseUnenrolled(
        enrollmentID: UInt64(enrollment.id), courseID: UInt64(enrollment.courseID), userID: UInt64(enrollment.userID),
        unenrolledAtMs: now))
  }

  mutating func completed(_ enrollment: Enrollment) {
    add(
      .courseCompleted(
        enrollmentID: UInt64(enrollment.id), courseID: UInt64(enrollment.courseID), userID: UInt64(enrollment.userID),
        completedAtMs: now))
  }

  /// - Parameter percent: of the deck's cards.
  mutating func progressed(_ enrollment: Enrollment, in deck: Int64, to percent: Double) {
    add(
      .courseProgressUpdated(
        courseID: UInt64(enrollment.courseID), userID: UInt64(enrollment.userID), deckID: UInt64(deck),
        progressPercent: percent, updatedAtMs: now))
  }

  private mutating func add(_ payload: EventPayload) {
    all.append(Event(id: .random(), occurredAtMs: now, producer: Self.producer, payload: payload))
  }
}
