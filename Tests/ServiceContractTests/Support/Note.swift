import CivilTime
import HTTPService
import ServiceContract

/// What the example service keeps.
struct Note: Sendable {
  enum Visibility: String, CaseIterable, Sendable {
    case everyone = "public"
    case owner = "private"
  }

  var id: Int64
  var owner: Int64
  var title: String
  var text: String?
  var visibility = Visibility.everyone
  var labels: [Label] = []
  var rating = 0.5
  var created: Instant
  var version: Int64 = 1

  struct Label: Sendable {
    var name: String
    var weight: Int
  }

  static let representation = Representation<Note>.object(
    "Note",
    [
      .init("id", .id) { $0.id },
      .init("owner_id", .id) { $0.owner },
      .init("title", .text, "What it is about.") { $0.title },
      .init("text", .nullable(.text)) { $0.text },
      .init("visibility", .choice(Visibility.allCases.map(\.rawValue))) { $0.visibility.rawValue },
      .init("labels", .array(Label.representation)) { $0.labels },
      .init("rating", .number) { $0.rating },
      .init("is_long", .flag) { ($0.text?.count ?? 0) > 100 },
      .init("label_count", .count) { $0.labels.count },
      .init("created_at", .moment) { $0.created },
    ])
}

extension Note.Label {
  static let representation = Representation<Note.Label>.object(
    "Label", [.init("name", .text) { $0.name }, .init("weight", .integer) { $0.weight }])
}

struct NewLabel: RequestObject {
  struct Fields: FieldSet {
    let name = Field("name", .text(1...20, .notBlank))
    let weight = Field("weight", .integer(-5...5), default: .integer(0))
  }

  let label: Note.Label

  init(_ given: Given<Fields>) {
    label = Note.Label(name: given.name, weight: given.weight)
  }
}

struct NewNote: RequestObject {
  struct Fields: FieldSet {
    let title = Field("title", .text(1...40, .notBlank), "What it is about.")
    let text = Field(nullable: "text", .text(0...1000))
    let visibility = Field("visibility", .choice(of: Note.Visibility.self), default: .string("public"))
    let rating = Field("rating", .number(0...1), default: .double(0.5))
    let isDraft = Field(optional: "is_draft", .flag)
    let mail = Field(optional: "mail", .text(3...254, .email))
    let zone = Field(optional: "zone", .timeZone)
    let labels = Field("labels", .array(of: .object(NewLabel.self), count: 0...3), default: .array([]))
  }

  let title: String
  let text: String?
  let visibility: Note.Visibility
  let rating: Double
  let labels: [Note.Label]

  init(_ given: Given<Fields>) {
    title = given.title
    text = given.text
    visibility = given.visibility
    rating = given.rating
    labels = given.labels.map(\.label)
  }

  init(title: String, rating: Double) {
    self.title = title
    text = nil
    visibility = .everyone
    self.rating = rating
    labels = []
  }
}

struct NoteChange: RequestObject {
  struct Fields: FieldSet {
    let title = Field(optional: "title", .text(1...40, .notBlank))
    let text = Field(change: "text", .text(0...1000))
  }

  let title: String?
  let text: Change<String>

  init(_ given: Given<Fields>) {
    title = given.title
    text = given.text
  }
}

/// One can be reached by mail, or by telephone.
struct Contact: RequestObject {
  struct Fields: FieldSet {
    let mail = Field(nullable: "mail", .text(0...254))
    let phone = Field(optional: "phone", .text(0...20))
  }

  static let alternatives = [
    Alternatives(
      "mail", demand: "must not be empty, unless there is a telephone",
      [[Property("mail", .text(TextSchema(1...254)))], [Property("phone", .text(TextSchema(5...20)))]])
  ]

  let mail: String?

  init(_ given: Given<Fields>) { mail = given.mail }
}

struct NotePath: RequestObject {
  struct Fields: FieldSet {
    let id = Field("id", .id)
  }

  let id: Int64

  init(_ given: Given<Fields>) {
    id = given.id
  }
}

struct NoteQuery: RequestObject {
  struct Fields: FieldSet {
    let owner = Field(optional: "owner", .id)
    let words = Field(optional: "q", .text(1...50))
    let hasText = Field(optional: "has_text", .flag)
    let rating = Field(optional: "minimum_rating", .number(0...1))
    let cursor = PageRequest.cursorField
    let limit = PageRequest.limitField
  }

  let owner: Int64?
  let words: String?
  let hasText: Bool?
  let rating: Double?
  let cursor: String?
  let limit: Int

  init(_ given: Given<Fields>) {
    owner = given.owner
    words = given.words
    hasText = given.hasText
    rating = given.rating
    cursor = given.cursor
    limit = given.limit
  }
}

struct Logout: RequestObject {
  struct Fields: FieldSet {
    let all = Field("all", .flag, default: .bool(false))
  }

  let all: Bool

  init(_ given: Given<Fields>) {
    all = given.all
  }
}
