import CZlib
import PlatformClient
import School
import Testing

@Suite struct SchoolLibraryTests {
  /// The categories that every platform has.
  private static let categories: Set<String> = [
    "mathematics", "history", "programming", "physics", "chemistry", "biology", "literature", "geography", "other",
  ]

  @Test func everyDeckIsOneThatThePlatformTakes() throws {
    let decks = try SchoolLibrary.decks()
    #expect(decks.count == 19 && Set(decks.map(\.title)).count == 19)
    for language in Language.allCases { #expect(decks.count { $0.language == language && $0.week == 0 } >= 2) }
    for deck in decks {
      #expect(deck.title.count <= 200 && !deck.about.isEmpty && (0..<6).contains(deck.week), "\(deck.title)")
      #expect(!deck.categories.isEmpty && Self.categories.isSuperset(of: deck.categories), "\(deck.title)")
      #expect(deck.tags.count <= 20 && deck.tags.allSatisfy { (1...50).contains($0.count) }, "\(deck.title)")
      #expect((10...60).contains(deck.cards.count), "\(deck.title)")
      #expect(Set(deck.cards.map(\.front)).count == deck.cards.count, "\(deck.title) asks the same twice")
      let pictures = deck.cards.compactMap(\.picture)
      for (index, picture) in pictures.enumerated() {
        #expect(!pictures[..<index].contains(picture), "\(deck.title) shows the same twice")
      }
    }
    #expect(decks.reduce(0) { $0 + $1.cards.count { $0.picture != nil } } > 40)
  }

  @Test(arguments: [
    ("front\tback", 1), ("# a\n# b\nnothing", 3), ("# a\nabout: x\nfront\t", 3), ("# a\n\tback", 2),
    ("# a\nf\tb\tflag v 0055A4", 2), ("# a\nf\tb\tplot tan", 2), ("# a\nf\tb\tbars 3 11", 2), ("# a\ncolour: red", 2),
    ("# a\nweek: soon", 2), ("# a\nf\tb\tplot x\tmore", 2), ("# a\nf\tb\tshape 2", 2), ("# a\nf\tb\tflag v 00 11", 2),
  ])
  func whatIsNoDeckIsRefusedWithItsLine(text: String, line: Int) {
    let error = #expect(throws: DeckTextError.self) { try DeckText.read(text, .english) }
    #expect(error?.line == line)
  }
}

@Suite struct PictureTests {
  /// The pixels of a PNG as we write it, checked part by part.
  private func pixels(_ file: [UInt8]) throws -> (width: Int, height: Int, lines: [UInt8]) {
    #expect(Array(file.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    func number(_ start: Int) -> Int { file[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    var (place, types, data, size): (Int, [String], [UInt8], [Int]) = (8, [], [], [])
    while place < file.count {
      let length = number(place)
      let chunk = Array(file[place + 4..<place + 8 + length])
      #expect(Int(crc32(0, chunk, uInt(chunk.count))) == number(place + 8 + length))
      types.append(String(decoding: chunk.prefix(4), as: UTF8.self))
      if types.last == "IHDR" {
        size = [number(place + 8), number(place + 12)]
        #expect(Array(chunk.suffix(5)) == [8, 2, 0, 0, 0])
      }
      if types.last == "IDAT" { data += chunk.dropFirst(4) }
      place += 12 + length
    }
    #expect(types == ["IHDR", "IDAT", "IEND"])
    var length = uLong(size[1] * (size[0] * 3 + 1))
    var lines = [UInt8](repeating: 0, count: Int(length) + 1)
    #expect(uncompress(&lines, &length, data, uLong(data.count)) == Z_OK)
    #expect(Int(length) == size[1] * (size[0] * 3 + 1))
    return (size[0], size[1], Array(lines[..<Int(length)]))
  }

  private func color(_ picture: (width: Int, height: Int, lines: [UInt8]), _ x: Int, _ y: Int) -> [UInt8] {
    let start = y * (picture.width * 3 + 1) + 1 + x * 3
    return Array(picture.lines[start..<start + 3])
  }

  @Test func flagsHaveTheirColoursInTheirPlaces() throws {
    let france = try pixels(try #require(Picture("flag v 0055A4 FFFFFF EF4135")).png)
    #expect(france.width == 240 && france.height == 160)
    #expect(color(france, 10, 80) == [0, 0x55, 0xA4] && color(france, 120, 80) == [255, 255, 255])
    #expect(color(france, 239, 159) == [0xEF, 0x41, 0x35])
    let norway = try pixels(try #require(Picture("flag cross BA0C2F FFFFFF 00205B")).png)
    #expect(color(norway, 0, 0) == [0xBA, 0x0C, 0x2F] && color(norway, 0, 80) == [0, 0x20, 0x5B])
    #expect(color(norway, 70, 10) == [255, 255, 255])
    let japan = try pixels(try #require(Picture("flag disc FFFFFF BC002D")).png)
    #expect(color(japan, 120, 80) == [0xBC, 0, 0x2D] && color(japan, 120, 10) == [255, 255, 255])
  }

  @Test func everyPictureOfTheSchoolIsAPNGAndAlwaysTheSame() throws {
    for picture in try SchoolLibrary.decks().flatMap(\.cards).compactMap(\.picture) {
      let png = picture.png
      let drawn = try pixels(png)
      #expect(png == picture.png && png.count < 8_192, "\(picture)")
      let filters = stride(from: 0, to: drawn.lines.count, by: drawn.width * 3 + 1).map { drawn.lines[$0] }
      #expect(filters.allSatisfy { $0 == 0 })
      #expect(Set(drawn.lines).count > 2, "\(picture) shows nothing")
    }
  }

  @Test func shapesFillWhatTheyShould() throws {
    let square = try pixels(try #require(Picture("shape square")).png)
    #expect(color(square, 100, 100) != [255, 255, 255] && color(square, 5, 5) == [255, 255, 255])
    let right = try pixels(try #require(Picture("shape right")).png)
    #expect(color(right, 45, 150) != [255, 255, 255] && color(right, 150, 50) == [255, 255, 255])
    let bars = try pixels(try #require(Picture("bars 1 10")).png)
    #expect(color(bars, 60, 30) == [255, 255, 255] && color(bars, 180, 30) != [255, 255, 255])
  }
}
