import AnkiMaking
import AnkiPackage
import Testing

/// Packages that Anki itself exported, in both ways that it has: the same eight notes.
@Suite struct RealPackageTests {
  @Test(arguments: ["legacy", "latest"])
  func whatAnkiExportedIsRead(_ name: String) throws {
    let reading = try Reading(Reading.real(name), files: ["кот 1.png", "map.gif", "nothing.png"])
    #expect(reading.format == (name == "legacy" ? .legacy2 : .latest))
    #expect(
      reading.words == [
        ["кот", "cat"], ["What is this?\n{0}", "a cat & nothing else"], ["{0}", "Map"], ["dog", "пёс\nсобака"],
        ["one", "1"], ["The {{c1::sun}} is {{c2::hot}}", ""], ["no back", ""],
      ])
    #expect(reading.notes.map(\.cards) == [1, 1, 1, 2, 1, 2, 1])
    #expect(reading.notes.map(\.isStudied) == [true] + [Bool](repeating: false, count: 6))
    #expect(Set(reading.notes[0].tags) == ["Russian", "animals"] && reading.notes[2].tags == ["leech"])
    #expect(reading.notes.flatMap(\.front.images) == ["кот 1.png", "map.gif"])
    #expect(reading.notes[2].back.sounds == 1 && reading.notes[1].back.isFormatted)
    let types = reading.notes.map { reading.noteTypes[$0.type] }
    #expect(types[0]?.name == "Basic" && types[0]?.fields == ["Front", "Back"] && types[0]?.isCloze == false)
    #expect(types[4]?.fields == ["Front", "Back", "Extra"] && reading.notes[4].furtherFields == [2])
    #expect(types[5]?.isCloze == true)
    guard case .bytes(let png) = reading.files["кот 1.png"], case .bytes(let gif) = reading.files["map.gif"] else {
      Issue.record("an image is not read")
      return
    }
    #expect(png.prefix(4) == [0x89, 0x50, 0x4E, 0x47] && gif.starts(with: Array("GIF89a".utf8)))
    #expect(reading.files["nothing.png"] == .missing)
  }
}
