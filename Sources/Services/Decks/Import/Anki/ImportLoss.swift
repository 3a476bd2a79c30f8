/// What of a package does not become cards, and how often.
package struct ImportLoss: Sendable, Equatable {
  package enum Kind: String, CaseIterable, Sendable {
    // Notes that become no card.
    case cloze
    case emptySide = "empty_side"
    case longText = "long_text"
    // Parts of notes.
    case furtherFields = "further_fields"
    case furtherCards = "further_cards"
    case images, sounds, formatting, progress, tags

    var meaning: String {
      switch self {
      case .cloze: "notes with gaps, which become no card"
      case .emptySide: "notes whose front or back has neither words nor an image, which become no card"
      case .longText:
        "notes with more than \(DeckLimits.cardTextLength.upperBound) characters on a side, which become no card"
      case .furtherFields: "notes with fields beyond the first two; examples are the fields"
      case .furtherCards: "notes of which Anki makes further cards, as one in reverse"
      case .images:
        "images that are missing, too large, no png, jpeg, webp or gif, or second on their side: their names stand in the words"
      case .sounds: "recordings"
      case .formatting: "notes whose words looked like something"
      case .progress: "notes that were studied: what is known of them stays in Anki"
      case .tags: "tags for which the deck has no room"
      }
    }
  }

  static let mostExamples = 5

  package let kind: Kind
  package private(set) var count = 0
  /// The first of them, by name or by the words of their front.
  package private(set) var examples: [String] = []

  init(_ kind: Kind) { self.kind = kind }

  mutating func add(_ example: String?, times: Int = 1) {
    count += times
    guard let example, !example.isEmpty, examples.count < Self.mostExamples else { return }
    let shown = String(String.UnicodeScalarView(example.unicodeScalars.prefix(100)))
    if !examples.contains(shown) { examples.append(shown) }
  }
}

/// All that is lost.
struct ImportLosses: Sendable {
  private var all: [ImportLoss.Kind: ImportLoss] = [:]

  mutating func add(_ kind: ImportLoss.Kind, _ example: String? = nil, times: Int = 1) {
    guard times > 0 else { return }
    all[kind, default: ImportLoss(kind)].add(example, times: times)
  }

  /// Whole notes first.
  var list: [ImportLoss] { ImportLoss.Kind.allCases.compactMap { all[$0] } }
}
