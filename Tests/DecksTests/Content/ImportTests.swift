import CivilTime
import Decks
import HTTPService
import NIOCore
import Testing

@Suite struct ImportTests {
  private func table(_ text: String) throws -> ImportTable { try ImportTable(Array(text.utf8)) }

  private func problems(_ text: String) -> [String] {
    let refusal = #expect(throws: ImportTable.Refusal.self) { _ = try table(text) }
    return refusal?.problems.map { "\($0.path) \($0.message)" } ?? []
  }

  @Test func theHeaderNamesTheColumns() throws {
    let named = try table("order_index,back,note,Front\n7,b,x,a\n,d,y,c")
    #expect(named.hasHeader)
    #expect(named.rows.map(\.front) == ["a", "c"] && named.rows.map(\.back) == ["b", "d"])
    #expect(named.rows.map(\.orderIndex) == [7, nil] && named.rows.map(\.number) == [2, 3])
    let russian = try table("Термин;Определение\nкот;cat")
    #expect(russian.hasHeader && russian.rows.map(\.front) == ["кот"])
    let bare = try table("front,reverse\na,b")
    #expect(!bare.hasHeader && bare.rows.map(\.front) == ["front", "a"])
  }

  @Test func everyWrongRowIsNamed() throws {
    let found = problems("front,back\n,b\na\nc, \nx,\(String(repeating: "ж", count: 4001))\nok,ok\nn\0,m")
    #expect(
      found == [
        "rows[2] has an empty front", "rows[3] has 1 fields, and its back should be the 2. one",
        "rows[4] has an empty back", "rows[5] has a back of 4001 characters, at most 4000 are kept",
        "rows[7] has U+0000 in its front",
      ])
    #expect(problems("front,back,order_index\na,b,-1\nc,d,x").count == 2)
    #expect(problems("a\nb") == [" has no rows of two fields or more with a comma, a semicolon or a tab between them"])
    #expect(problems("front,back\n") == [" has no rows but its header"])
    #expect(problems("a,\"b").first?.hasPrefix("rows[1] opens a quote") == true)
  }

  @Test func tenThousandRowsAreTaken() throws {
    let lines = (1...10_000).map { "f\($0),b\($0)" }
    #expect(try table("front,back\n" + lines.joined(separator: "\n")).rows.count == 10_000)
    #expect(
      problems("front,back\n" + lines.joined(separator: "\n") + "\nx,y").first?.hasPrefix("rows[10002] is one more")
        == true)
  }

  private static func card(_ id: Int64, _ front: String, _ back: String, order: Int = 0) -> Card {
    let moment = Instant(milliseconds: 0)
    return Card(
      id: id, deckID: 1, frontText: front, backText: back, frontImage: nil, backImage: nil, orderIndex: order,
      version: 1,
      created: moment, updated: moment)
  }

  private func plan(_ text: String, _ policy: DuplicatePolicy, order: Int = 0) throws -> ImportPlan {
    ImportPlan(
      try table(text).rows,
      into: [Self.card(1, "кот", "cat"), Self.card(2, "a", "1", order: order), Self.card(3, "a", "2")], policy)
  }

  @Test func duplicatesAreSkippedUpdatedOrAdded() throws {
    let text = "a,9\nкот,cat\nnew,1\nnew,2\na,8"
    let skipped = try plan(text, .skip)
    #expect(skipped.steps.map(\.action) == [.skip, .skip, .create, .skip, .skip])
    #expect(skipped.created.map(\.back) == ["1"] && skipped.updated.isEmpty)
    let updated = try plan(text, .update)
    #expect(updated.steps.map(\.action) == [.update, .skip, .create, .update, .update])
    #expect(updated.created.map(\.back) == ["2"])
    // The first of the deck's two; the last row holds.
    #expect(updated.updated.map(\.id) == [2] && updated.updated.map(\.row.back) == ["8"])
    let added = try plan(text, .add)
    #expect(added.created.count == 5 && added.updated.isEmpty)
  }

  /// The same letter in one scalar and in two.
  @Test func textsAreComparedAsUnicodeDoes() throws {
    let plan = ImportPlan(
      try table("йод,2\nx,y").rows, into: [Self.card(1, "\u{0438}\u{0306}од", "1")], .skip)
    #expect(plan.steps.map(\.action) == [.skip, .create])
  }

  @Test(arguments: [
    "", "a", "=1+1", "'=1", "''@x", "-5", "+7", "@me", "\tx", "'", "it's", "＝1", "= ", "a=b", "'quoted'",
  ])
  func formulasAreGuardedAndComeBack(_ text: String) {
    let guarded = SpreadsheetText.guarded(text)
    #expect(SpreadsheetText.unguarded(guarded) == text)
    if let first = guarded.unicodeScalars.first {
      #expect(!"=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first), "\(guarded)")
    }
  }

  @Test func anExportIsReadBackAsItWas() throws {
    let texts = [
      ("=cmd|' /C calc'!A0", "a,b;c\td"), ("two\nlines", "\"quoted\""), ("кот", "'=x"), ("-1", "+1"), ("a\r\nb", "@"),
    ]
    let cards = texts.enumerated().map { Self.card(Int64($0.offset), $0.element.0, $0.element.1, order: $0.offset) }
    let file = try table(String(buffer: DeckExport.csv(cards)))
    #expect(file.hasHeader && file.delimiter == .comma)
    #expect(file.rows.map(\.front) == texts.map(\.0) && file.rows.map(\.back) == texts.map(\.1))
    #expect(file.rows.map(\.orderIndex) == [0, 1, 2, 3, 4])
  }
}
