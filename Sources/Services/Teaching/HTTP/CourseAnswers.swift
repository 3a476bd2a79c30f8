import CivilTime
import HTTPService

extension Course {
  static let representation = Representation<Course>.object("Course", members { $0 })

  /// Of a value that has a course in it.
  fileprivate static func members<Value>(
    of course: @escaping @Sendable (Value) -> Course
  ) -> [Representation<Value>.Member] {
    [
      .init("id", .id) { course($0).id },
      .init("teacher_id", .id) { course($0).teacherID },
      .init("title", .text) { course($0).title },
      .init("description", .text) { course($0).description },
      .init("is_published", .flag, "Whether everybody sees it and may enrol.") { course($0).isPublished },
      .init("created_at", .moment) { course($0).created },
      .init("updated_at", .moment, "Of the course or its decks.") { course($0).updated },
    ]
  }
}

/// A course with its decks as answers have it.
struct CourseDetail: Sendable {
  let course: Course
  let decks: [CourseDeckAnswer]

  static let representation = Representation<CourseDetail>.object(
    "CourseDetail",
    Course.members { $0.course } + [
      .init("decks", .array(CourseDeckAnswer.representation), "In their order.") { $0.decks }
    ])

  /// Changes with what the decks are called, too.
  var entityTag: EntityTag {
    var hash = FNV1a()
    for deck in decks { hash.combine("\(deck.title ?? "")\u{0}\(deck.cardsAmount ?? -1)\u{0}".utf8) }
    return EntityTag(version: course.version, variant: Int(hash.value >> 1))
  }
}

/// A deck in a course as answers have it.
struct CourseDeckAnswer: Sendable {
  let courseID: Int64
  let deck: CourseDeck
  let title: String?
  let cardsAmount: Int?

  /// - Parameter known: what the decks service says of it, if the caller may know that.
  init(_ deck: CourseDeck, of course: Int64, _ known: KnownDeck?) {
    courseID = course
    self.deck = deck
    title = known?.title
    cardsAmount = known?.cardsAmount
  }

  static let representation = Representation<CourseDeckAnswer>.object(
    "CourseDeck",
    [
      .init("id", .id, "Of its place in the course.") { $0.deck.id },
      .init("course_id", .id) { $0.courseID },
      .init("deck_id", .id) { $0.deck.deckID },
      .init("order_index", .count) { $0.deck.orderIndex },
      .init("added_at", .moment) { $0.deck.added },
      .init(
        "title", .nullable(.text),
        "Null while the decks service is away, for a deck that is gone, and for a private one."
      ) { $0.title },
      .init("cards_amount", .nullable(.count), "Null as the title is.") { $0.cardsAmount },
    ])
}
