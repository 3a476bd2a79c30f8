import AnkiMaking
import AnkiPackage
import Foundation
import Testing

/// Databases as nobody's Anki makes them.
@Suite struct CollectionTests {
  private func package(_ collection: [UInt8]) -> [UInt8] {
    ZipMaker([.init("collection.anki2", collection), .init("media", Array("{}".utf8))]).bytes
  }

  private func refusal(_ statements: String..., notes: [AnkiMaker.Note] = [.init("a", "b")]) -> AnkiPackageError? {
    var maker = AnkiMaker(notes)
    maker.statements = statements
    return Reading.refusal(package(maker.legacyCollection))
  }

  private func isMalformed(_ error: AnkiPackageError?) -> Bool {
    if case .malformedCollection? = error { true } else { false }
  }

  @Test func whatIsNoDatabaseIsRefused() {
    let whole = AnkiMaker().legacyCollection
    for bytes in [[], [1, 2, 3], [UInt8](repeating: 0, count: 4096), Array("SQLite format 3".utf8)] {
      #expect(isMalformed(Reading.refusal(package(bytes))), "\(bytes.prefix(20))")
    }
    for count in [16, 100, 512, 4096, 8191, whole.count - 4096] {
      #expect(isMalformed(Reading.refusal(package(Array(whole.prefix(count))))), "\(count)")
    }
    var header = whole
    header[0] ^= 1
    #expect(isMalformed(Reading.refusal(package(header))))
  }

  @Test func damagedPagesAreRefusedOrReadAsTheyAre() {
    let maker = AnkiMaker((0..<300).map { .init("front \($0)", String(repeating: "back \($0) ", count: 20)) })
    let whole = maker.legacyCollection
    let words = try? Reading(package(whole)).words
    #expect(words?.count == 300)
    var refused = 0
    for place in stride(from: 16, to: whole.count, by: 211) {
      var damaged = whole
      for offset in 0..<4 where place + offset < whole.count { damaged[place + offset] = 0xFF }
      do { _ = try Reading(package(damaged)) } catch {
        #expect(error is AnkiPackageError, "\(error)")
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  /// Pages that lead back to themselves: a tree without an end.
  @Test func cyclicTreesAreRefused() throws {
    let maker = AnkiMaker((0..<400).map { .init("front \($0)", String(repeating: "x", count: 100)) })
    let whole = maker.legacyCollection
    var pages = 0
    // Every interior page's children become the page itself, or the first one.
    for target in 1...2 {
      var cyclic = whole
      for page in 1..<whole.count / 4096 where whole[page * 4096] == 5 {
        pages += 1
        let start = page * 4096
        let cells = Int(whole[start + 3]) << 8 | Int(whole[start + 4])
        func point(_ place: Int) {
          let number = target == 1 ? UInt32(page + 1) : 2
          for byte in 0..<4 { cyclic[place + byte] = UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * byte)) }
        }
        point(start + 8)
        for cell in 0..<cells {
          point(start + (Int(whole[start + 12 + 2 * cell]) << 8 | Int(whole[start + 13 + 2 * cell])))
        }
      }
      #expect(isMalformed(Reading.refusal(package(cyclic))))
    }
    #expect(pages > 0, "the tree of the notes has no inner page")
  }

  @Test func aViewInPlaceOfATableIsRefused() {
    #expect(
      isMalformed(
        refusal(
          "DROP TABLE notes",
          """
          CREATE VIEW notes AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
          SELECT i AS id, 1 AS mid, '' AS tags, 'x' AS flds FROM n
          """)))
    // Also one that nobody reads.
    #expect(isMalformed(refusal("CREATE VIEW other AS SELECT 1")))
  }

  @Test func triggersAndVirtualTablesAreRefused() {
    #expect(isMalformed(refusal("CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes; END")))
    #expect(
      isMalformed(
        refusal(
          "PRAGMA writable_schema = ON",
          "INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING fts5(x)')")))
  }

  @Test func computedColumnsAreRefused() {
    #expect(
      isMalformed(
        refusal(
          "DROP TABLE notes",
          """
          CREATE TABLE notes (id integer primary key, mid integer, tags text,
            flds text GENERATED ALWAYS AS (hex(zeroblob(100000000))))
          """, "INSERT INTO notes (mid, tags) VALUES (1, '')")))
  }

  /// Also in tables that nobody reads: their pages are checked.
  @Test func computedColumnsAreRefusedAnywhere() {
    #expect(
      isMalformed(
        refusal("CREATE TABLE x (a text, b text NOT NULL AS (hex(a)))", "INSERT INTO x (a) VALUES ('1')")))
  }

  /// A schema takes some ten times its bytes once it is read.
  @Test func aFloodOfTablesIsRefused() {
    let columns = (0..<60).map { "c\($0)" }.joined(separator: ",")
    #expect(
      isMalformed(
        refusal(
          "PRAGMA writable_schema = ON",
          """
          WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
          INSERT INTO sqlite_schema SELECT 'table', 't' || i, 't' || i, 2, 'CREATE TABLE t' || i || '(\(columns))' FROM n
          """)))
  }

  @Test func aNoteOfTooManyPiecesIsRefused() {
    let (fields, tags) = (String(repeating: "\u{1F}", count: 1_000_000), String(repeating: "a ", count: 1_000_000))
    #expect(isMalformed(refusal(notes: [.init("a", fields)])))
    #expect(isMalformed(refusal(notes: [.init("a", "b", tags: tags)])))
    #expect(refusal(notes: [.init("a", "b" + fields.prefix(198), tags: String(tags.prefix(200)))]) == nil)
  }

  /// Expressions that run when a table is checked are not run.
  @Test func checksOfTablesAreNotRun() {
    #expect(
      refusal(
        "CREATE TABLE slow (x text CHECK (length(hex(zeroblob(length(x) * 1000000))) >= 0))",
        "INSERT INTO slow VALUES ('1')") == nil)
  }

  @Test func valuesOfOtherKindsAreRefused() {
    for statement in [
      "UPDATE notes SET flds = x'00ff'", "UPDATE notes SET flds = NULL", "UPDATE notes SET flds = CAST(x'ff' AS text)",
      "UPDATE cards SET nid = 'x'", "UPDATE col SET models = '[]'", "UPDATE col SET models = '{\"1\": 2}'",
      "UPDATE col SET models = '{\"x\": {\"name\": \"n\"}}'", "UPDATE col SET models = '{'", "DROP TABLE notes",
      "DROP TABLE col",
      "DROP TABLE cards", "ALTER TABLE notes RENAME COLUMN flds TO fields",
    ] { #expect(isMalformed(refusal(statement)), "\(statement)") }
    #expect(refusal("DELETE FROM col") != nil)
  }

  @Test func hugeTextsAreRefused() {
    #expect(refusal("UPDATE notes SET flds = hex(zeroblob(5000000))") != nil)
    #expect(refusal("UPDATE col SET models = '{\"1\": {\"name\": \"' || hex(zeroblob(1500000)) || '\"}}'") != nil)
  }

  @Test func aDatabaseThatWantsALogIsRead() throws {
    var bytes = AnkiMaker().legacyCollection
    (bytes[18], bytes[19]) = (2, 2)
    #expect(try Reading(package(bytes)).words == [["front", "back"]])
  }

  @Test func notesAreReadAsTheyAre() throws {
    var maker = AnkiMaker([
      .init("one"), .init("", ""),
      .init("a", "b", "<b>c</b>", type: AnkiMaker.three, tags: " x  y::z ", cards: 2, reps: 1),
      .init("f", "b", " <br> ", "", "[sound:x]", type: 99),
    ])
    maker.statements = ["INSERT INTO cards (nid, did, ord, reps) VALUES (77, 1, 0, 0)"]
    for bytes in [maker.legacy().bytes, maker.latest.bytes] {
      let notes = try Reading(bytes).notes
      #expect(notes.map(\.id) == [1, 2, 3, 4])
      #expect(notes[0].back.isEmpty && notes[1].front.isEmpty)
      #expect(
        notes[2].tags == ["x", "y::z"] && notes[2].cards == 2 && notes[2].isStudied && notes[2].furtherFields == [2])
      #expect(notes[3].furtherFields == [4])
    }
  }
}
