import JSON
import Testing

@Suite struct ForeignTextTests {
  @Test(arguments: [
    ("", ""), ("Europe/Moscow", "Europe/Moscow"), ("картотека 😀", "картотека 😀"),
    ("a\u{1B}[2J\0b\r\n\u{9B}", "a\\u{1B}[2J\\0b\\r\\n\\u{009B}"),
    (String(repeating: "é", count: 80), String(repeating: "é", count: 80)),
    (String(repeating: "é", count: 81), String(repeating: "é", count: 80) + "…"),
  ]) func itIsShortAndMovesNoCursor(text: String, shown: String) {
    #expect(ForeignText.shown(text) == shown)
  }
}
