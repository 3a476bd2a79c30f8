import AnkiPackage
import Digests

/// The cards that a package comes to: of each note one, of its first two fields.
package struct AnkiCards: Sendable {
  package struct Picture: Sendable {
    package let picture: ImportPicture
    package let bytes: [UInt8]
  }

  /// Numbered as the package's notes are, from 1.
  package private(set) var rows: [ImportTable.Row] = []
  /// By the names of their files.
  package private(set) var pictures: [String: Picture] = [:]
  /// Of the notes, the most frequent first.
  package private(set) var tags: [String] = []
  package let notes: Int
  private(set) var losses = ImportLosses()

  package var lost: [ImportLoss] { losses.list }

  /// Images that no card can have.
  private var unusable: Set<String> = []
  /// Anki's own, which say nothing of what a note is about.
  private static let ownTags: Set<String> = ["leech", "marked"]

  /// Blocking, as the package is.
  package init(_ package: AnkiPackage) throws(AnkiPackageError) {
    notes = package.notes.count
    var uses: [String: Int] = [:]
    for (place, note) in package.notes.enumerated() {
      try package.checkTime()
      let type = package.noteTypes[note.type]
      if type?.isCloze == true {
        losses.add(.cloze, note.front.words { _ in "" })
        continue
      }
      guard try add(note, type, number: place + 1, of: package) else { continue }
      for tag in Set(note.tags.map(DeckTag.normalized)).subtracting(Self.ownTags) { uses[tag, default: 0] += 1 }
    }
    tags = uses.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }

  /// The deck's tags with those of the notes, as far as there is room for them.
  mutating func merge(into tags: [String]) -> [String] {
    var merged = tags
    for tag in self.tags where !merged.contains(tag) {
      let length = tag.unicodeScalars.count
      if merged.count < DeckLimits.tags, DeckLimits.tagLength.contains(length), !tag.unicodeScalars.contains("\0") {
        merged.append(tag)
      } else {
        losses.add(.tags, tag)
      }
    }
    return merged.sorted()
  }

  /// - Returns: whether the note has become a card.
  private mutating func add(
    _ note: AnkiNote, _ type: AnkiNoteType?, number: Int, of package: AnkiPackage
  ) throws(AnkiPackageError) -> Bool {
    let front = try side(note.front, of: package)
    let back = try side(note.back, of: package)
    for text in [front.words, back.words] where text.unicodeScalars.count > DeckLimits.cardTextLength.upperBound {
      losses.add(.longText, front.words)
      return false
    }
    guard [front, back].allSatisfy({ !$0.words.isEmpty || $0.picture != nil }) else {
      losses.add(.emptySide, front.words.isEmpty ? back.words : front.words)
      return false
    }
    rows.append(
      ImportTable.Row(
        number: number, front: front.words, back: back.words, frontPicture: front.picture, backPicture: back.picture))
    let example = front.words
    for name in front.lostImages + back.lostImages { losses.add(.images, name) }
    losses.add(.sounds, example, times: note.front.sounds + note.back.sounds)
    if note.front.isFormatted || note.back.isFormatted { losses.add(.formatting, example) }
    if note.cards > 1 { losses.add(.furtherCards, example) }
    if note.isStudied { losses.add(.progress, example) }
    for (index, field) in note.furtherFields.enumerated() {
      let name = type.flatMap { field < $0.fields.count ? $0.fields[field] : nil }
      losses.add(.furtherFields, name, times: index == 0 ? 1 : 0)
    }
    return true
  }

  private struct Side {
    let words: String
    let picture: ImportPicture?
    let lostImages: [String]
  }

  /// The first image that can be one becomes the side's; the others' names stay in the words.
  private mutating func side(_ field: FieldText, of package: AnkiPackage) throws(AnkiPackageError) -> Side {
    var shown: (place: Int, picture: ImportPicture)?
    var lost: [String] = []
    for (place, name) in field.images.enumerated() {
      if shown == nil, let picture = try picture(name, of: package) {
        shown = (place, picture)
      } else {
        lost.append(name)
      }
    }
    let words = field.words { place in place == shown?.place ? " " : "[\(field.images[place])]" }
    return Side(words: words, picture: shown?.picture, lostImages: lost)
  }

  private mutating func picture(_ name: String, of package: AnkiPackage) throws(AnkiPackageError) -> ImportPicture? {
    if let known = pictures[name] { return known.picture }
    guard !unusable.contains(name) else { return nil }
    guard case .bytes(let bytes) = try package.file(name), !bytes.isEmpty, bytes.count <= ImageType.largestBytes,
      let type = ImageType(beginning: bytes)
    else {
      unusable.insert(name)
      return nil
    }
    let picture = ImportPicture(name: name, type: type, digest: Digest.md5.hexadecimal(of: bytes))
    pictures[name] = Picture(picture: picture, bytes: bytes)
    return picture
  }
}
