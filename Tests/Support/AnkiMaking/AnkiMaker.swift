/// Makes Anki packages: collections in both schemas, and the archives around them.
package struct AnkiMaker {
  package struct Note {
    package var type: Int64
    package var fields: [String]
    package var tags = ""
    package var cards = 1
    package var reps = 0

    package init(_ fields: String..., type: Int64 = AnkiMaker.basic, tags: String = "", cards: Int = 1, reps: Int = 0) {
      (self.fields, self.type, self.tags, self.cards, self.reps) = (fields, type, tags, cards, reps)
    }
  }

  package static let basic: Int64 = 1
  package static let cloze: Int64 = 2
  package static let three: Int64 = 3

  package var notes: [Note]
  /// In the order of their entries.
  package var files: [(name: String, bytes: [UInt8])] = []
  /// After everything else.
  package var statements: [String] = []

  package init(_ notes: [Note] = [Note("front", "back")]) { self.notes = notes }

  private static let types: [(id: Int64, name: String, isCloze: Bool, fields: [String])] = [
    (basic, "Basic", false, ["Front", "Back"]), (cloze, "Cloze", true, ["Text", "Back Extra"]),
    (three, "Three", false, ["Front", "Back", "Extra"]),
  ]

  private var shared: [String] {
    var statements = [
      """
      CREATE TABLE notes (id integer primary key, guid text, mid integer, mod integer, usn integer, tags text, flds text,
        sfld integer, csum integer, flags integer, data text)
      """,
      "CREATE TABLE cards (id integer primary key, nid integer, did integer, ord integer, reps integer)",
      "CREATE INDEX ix_cards_nid ON cards (nid)",
    ]
    for (place, note) in notes.enumerated() {
      let fields = SQLiteMaker.quoted(note.fields.joined(separator: "\u{1F}"))
      statements.append(
        "INSERT INTO notes VALUES (\(place + 1), '', \(note.type), 0, 0, \(SQLiteMaker.quoted(note.tags)), \(fields), 0, 0, 0, '')"
      )
      for ord in 0..<note.cards {
        statements.append("INSERT INTO cards (nid, did, ord, reps) VALUES (\(place + 1), 1, \(ord), \(note.reps))")
      }
    }
    return statements
  }

  /// With its note types as JSON.
  package var legacyCollection: [UInt8] {
    let models = Self.types.map { type in
      let fields = type.fields.map { "{\"name\": \"\($0)\"}" }.joined(separator: ", ")
      return "\"\(type.id)\": {\"name\": \"\(type.name)\", \"type\": \(type.isCloze ? 1 : 0), \"flds\": [\(fields)]}"
    }
    return SQLiteMaker.database(
      shared + [
        "CREATE TABLE col (id integer primary key, models text)",
        "INSERT INTO col VALUES (1, '{\(models.joined(separator: ", "))}')",
      ] + statements)
  }

  /// With tables of note types.
  package var latestCollection: [UInt8] {
    var tables = [
      "CREATE TABLE col (id integer primary key, models text)",
      "CREATE TABLE notetypes (id integer primary key, name text COLLATE unicase, config blob)",
      "CREATE INDEX idx_notetypes_name ON notetypes (name)",
      """
      CREATE TABLE fields (ntid integer, ord integer, name text COLLATE unicase, PRIMARY KEY (ntid, ord)) WITHOUT ROWID
      """,
      "CREATE INDEX idx_fields_name_ntid ON fields (name, ntid)",
    ]
    for type in Self.types {
      tables.append(
        "INSERT INTO notetypes VALUES (\(type.id), '\(type.name)', x'\(type.isCloze ? "0801" : "1a0161")')")
      for (ord, name) in type.fields.enumerated() {
        tables.append("INSERT INTO fields VALUES (\(type.id), \(ord), '\(name)')")
      }
    }
    return SQLiteMaker.database(shared + tables + statements)
  }

  package func legacy(collection: String = "collection.anki21") -> ZipMaker {
    var zip = ZipMaker()
    if collection == "collection.anki21" { zip.add("meta", [8, 2]) }
    zip.add(collection, legacyCollection, deflated: true)
    let names = files.enumerated().map { "\"\($0.offset)\": \"\($0.element.name)\"" }
    zip.add("media", Array("{\(names.joined(separator: ", "))}".utf8))
    for (place, file) in files.enumerated() { zip.add("\(place)", file.bytes) }
    return zip
  }

  package var latest: ZipMaker {
    var zip = ZipMaker()
    zip.add("meta", [8, 3])
    zip.add("collection.anki21b", ZstdMaker.packed(latestCollection))
    zip.add("media", ZstdMaker.packed(Self.mediaEntries(files.map(\.name))))
    for (place, file) in files.enumerated() { zip.add("\(place)", ZstdMaker.packed(file.bytes)) }
    return zip
  }

  /// A `MediaEntries` message.
  package static func mediaEntries(_ names: [String]) -> [UInt8] {
    names.flatMap { name in
      let entry = [0x0A] + length(name.utf8.count) + Array(name.utf8) + [0x10, 0x05]
      return [0x0A] + length(entry.count) + entry
    }
  }

  private static func length(_ count: Int) -> [UInt8] {
    count < 0x80 ? [UInt8(count)] : [UInt8(count & 0x7F) | 0x80] + length(count >> 7)
  }
}
