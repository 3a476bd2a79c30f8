import JSON

/// Reads note types, notes, and how many cards there are of each, from either of the two schemas that packages have: the older
/// with its note types as JSON in `col`, the newer with tables of them.
struct CollectionReader {
  private static let mostNoteTypes = 10_000
  /// Of the older schema's note types; read, JSON takes many times its bytes.
  private static let noteTypesBytes = 2 << 20

  let database: SQLiteDatabase
  let limits: AnkiLimits

  func noteTypes() throws(AnkiPackageError) -> [Int64: AnkiNoteType] {
    try database.hasTable("notetypes") ? try tabled() : try listed()
  }

  /// By id, which is the order of their making.
  func notes() throws(AnkiPackageError) -> [AnkiNote] {
    var notes: [AnkiNote] = []
    try database.rows("SELECT id, mid, tags, flds FROM notes NOT INDEXED") { row throws(AnkiPackageError) in
      guard notes.count < limits.notes else { throw .tooManyNotes(limit: limits.notes) }
      notes.append(
        try AnkiNote(
          id: try row.integer(0), type: try row.integer(1), tags: try row.text(2), fields: try row.text(3)))
    }
    notes.sort { $0.id < $1.id }
    var places: [Int64: Int] = [:]
    for (place, note) in notes.enumerated() { places[note.id] = place }
    var cards = 0
    try database.rows("SELECT nid, reps FROM cards NOT INDEXED") { row throws(AnkiPackageError) in
      cards += 1
      guard cards <= limits.cards else { throw .malformedCollection("it has more than \(limits.cards) cards") }
      guard let place = places[try row.integer(0)] else { return }
      notes[place].cards += 1
      if try row.integer(1) > 0 { notes[place].isStudied = true }
    }
    return notes
  }

  private func tabled() throws(AnkiPackageError) -> [Int64: AnkiNoteType] {
    var types: [Int64: AnkiNoteType] = [:]
    try database.rows("SELECT id, name, config FROM notetypes NOT INDEXED") { row throws(AnkiPackageError) in
      guard types.count < Self.mostNoteTypes else { throw .malformedCollection("it has too many note types") }
      types[try row.integer(0)] = AnkiNoteType(
        name: try row.text(1), isCloze: try Self.isCloze(config: try row.bytes(2)), fields: [])
    }
    var fields: [Int64: [(ord: Int64, name: String)]] = [:]
    var count = 0
    try database.rows("SELECT ntid, ord, name FROM fields NOT INDEXED") { row throws(AnkiPackageError) in
      count += 1
      guard count <= Self.mostNoteTypes else { throw .malformedCollection("it has too many fields") }
      fields[try row.integer(0), default: []].append((try row.integer(1), try row.text(2)))
    }
    for (id, list) in fields { types[id]?.fields = list.sorted { $0.ord < $1.ord }.map(\.name) }
    return types
  }

  /// Of a `NoteType.Config`: its kind, 1 for gaps.
  private static func isCloze(config: [UInt8]) throws(AnkiPackageError) -> Bool {
    var kind: UInt64 = 0
    do throws(ProtobufReader.Failure) {
      var reader = ProtobufReader(config[...])
      while let (field, value) = try reader.next() {
        if field == 1, case .number(let number) = value { kind = number }
      }
    } catch { throw .malformedCollection("a note type cannot be read: \(error.message)") }
    return kind == 1
  }

  private func listed() throws(AnkiPackageError) -> [Int64: AnkiNoteType] {
    var text = ""
    try database.rows("SELECT models FROM col NOT INDEXED") { row throws(AnkiPackageError) in text = try row.text(0) }
    guard text.utf8.count <= Self.noteTypesBytes else {
      throw .tooLarge("note types", limitBytes: Self.noteTypesBytes)
    }
    let json: JSONValue
    do throws(JSONParser.Failure) { json = try JSONParser.parse(Array(text.utf8)) } catch {
      throw .malformedCollection("its note types are no JSON: \(error.message)")
    }
    guard case .object(let members) = json else { throw .malformedCollection("its note types are no object") }
    var types: [Int64: AnkiNoteType] = [:]
    for member in members {
      guard let id = Int64(member.name), case .string(let name)? = member.value["name"] else {
        throw .malformedCollection("a note type has no name")
      }
      var isCloze = false
      if case .number(let kind)? = member.value["type"] { isCloze = kind == "1" }
      var fields: [String] = []
      if case .array(let list)? = member.value["flds"] {
        for field in list { if case .string(let name)? = field["name"] { fields.append(name) } }
      }
      types[id] = AnkiNoteType(name: name, isCloze: isCloze, fields: fields)
    }
    return types
  }
}
