import DeadLetters
import Testing

@Suite struct PrintableBytesTests {
  @Test func foreignBytesCannotSpeakToTheTerminal() {
    let cases: [([UInt8], String)] = [
      (Array("школа 😀 {\"a\":1}".utf8), "школа 😀 {\"a\":1}"),
      (Array("a\n\r\t\\b".utf8), #"a\n\r\t\\b"#),
      (Array("\u{1b}[2J\u{7f}\0".utf8), #"\u{1b}[2J\u{7f}\u{0}"#),
      // What C1 controls, joiners, direction marks and line separators would do.
      (Array("\u{9b}\u{200b}\u{202e}\u{2028}\u{feff}".utf8), #"\u{9b}\u{200b}\u{202e}\u{2028}\u{feff}"#),
      ([0xC3, 0x28, 0xFF, 0x00], #"\xc3(\xff\u{0}"#),
      // An overlong slash, half a surrogate pair, a text cut within a character.
      ([0xC0, 0xAF], #"\xc0\xaf"#), ([0xED, 0xA0, 0x80], #"\xed\xa0\x80"#), ([0x61, 0xE2, 0x82], #"a\xe2\x82"#),
    ]
    for (bytes, text) in cases { #expect(PrintableBytes.escaped(bytes) == text) }
  }

  @Test func aLongTextIsCut() {
    #expect(PrintableBytes.escaped(Array("абвг".utf8), limit: 3) == "абв…")
    #expect(PrintableBytes.escaped(Array("абв".utf8), limit: 3) == "абв")
    #expect(PrintableBytes.escaped([], limit: 3) == "")
  }
}
