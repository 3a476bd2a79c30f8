import AnkiMaking
import AnkiPackage
import Decks
import Testing

/// What becomes of a package's notes, without a server.
@Suite struct AnkiCardsTests {
  private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3, 4]

  private func cards(_ maker: AnkiMaker) throws -> AnkiCards {
    try maker.latest.bytes.withUnsafeBytes { try AnkiCards(AnkiPackage($0, until: .now + .seconds(30))) }
  }

  @Test func eachNoteIsACardOfItsFirstTwoFields() throws {
    let made = try cards(
      AnkiMaker([
        .init("<b>a</b>", "1", "more", type: AnkiMaker.three, cards: 3, reps: 2),
        .init("{{c1::x}}", "", type: AnkiMaker.cloze),
        .init("", "no front"), .init("only front"), .init("b", "2"),
      ]))
    #expect(made.notes == 5 && made.rows.map(\.front) == ["a", "b"] && made.rows.map(\.number) == [1, 5])
    #expect(
      made.lost.map { "\($0.kind.rawValue) \($0.count) \($0.examples)" } == [
        "cloze 1 [\"{{c1::x}}\"]", "empty_side 2 [\"no front\", \"only front\"]", "further_fields 1 [\"Extra\"]",
        "further_cards 1 [\"a\"]", "formatting 1 [\"a\"]", "progress 1 [\"a\"]",
      ])
  }

  @Test func aSideHasOneImageAndTheNamesOfOthers() throws {
    var maker = AnkiMaker([
      .init("<img src=no.png>x<img src=a.png>y<img src=a.png>", "<img src=\"b b.jpg\">"),
      .init("z<img src=a.png>", "z"),
    ])
    maker.files = [("a.png", Self.png), ("b b.jpg", [0xFF, 0xD8, 0xFF, 0xE0]), ("unused.png", Self.png + [9])]
    let made = try cards(maker)
    #expect(made.rows[0].front == "[no.png]x y[a.png]" && made.rows[0].back == "")
    #expect(made.rows[0].frontPicture?.type == .png && made.rows[0].backPicture?.type == .jpeg)
    #expect(made.rows[1].frontPicture == made.rows[0].frontPicture)
    // What no card shows is not held.
    #expect(made.pictures.keys.sorted() == ["a.png", "b b.jpg"])
    #expect(
      made.lost.map(\.kind) == [.images] && made.lost[0].count == 2 && made.lost[0].examples == ["no.png", "a.png"])
  }

  /// What an image is, its bytes say.
  @Test(arguments: [
    ("a.png", Array("<svg/>".utf8), ImageType?.none), ("a.svg", png, .png), ("a.exe", [0xFF, 0xD8, 0xFF], .jpeg),
    ("a.png", [], nil), ("a", Array("GIF89a".utf8), .gif), ("x.webp", Array("RIFF....WEBP".utf8), .webp),
  ])
  func theFirstBytesDecide(_ name: String, _ bytes: [UInt8], _ type: ImageType?) throws {
    var maker = AnkiMaker([.init("f<img src=\(name)>", "b")])
    maker.files = [(name, bytes)]
    #expect(try cards(maker).rows[0].frontPicture?.type == type)
  }

  @Test func tagsOfManyNotesComeFirst() throws {
    let made = try cards(
      AnkiMaker([.init("a", "b", tags: "X y marked"), .init("c", "d", tags: "x"), .init("", "", tags: "lost")]))
    #expect(made.tags == ["x", "y"])
  }

  @Test func noExampleIsLong() throws {
    let made = try cards(AnkiMaker((0..<9).map { .init(String(repeating: "\($0)", count: 5000), "b") }))
    #expect(made.rows.isEmpty && made.lost[0].count == 9 && made.lost[0].examples.count == 5)
    #expect(made.lost[0].examples.allSatisfy { $0.count == 100 })
  }
}
