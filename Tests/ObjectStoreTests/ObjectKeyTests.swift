import ObjectStore
import Testing

@Suite struct ObjectKeyTests {
  @Test(arguments: [
    ("decks/1/card/2/images/front.png", "decks/1/card/2/images/front.png"),
    ("a b+c%20d", "a%20b%2Bc%2520d"), ("?x=1&y#z", "%3Fx%3D1%26y%23z"),
    ("карта/é.png", "%D0%BA%D0%B0%D1%80%D1%82%D0%B0/%C3%A9.png"),
    ("-._~", "-._~"), ("!*'();:@&=$,[]", "%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%5B%5D"), ("\"<>", "%22%3C%3E"),
    ("🃏", "%F0%9F%83%8F"), ("...", "..."), (".a/b.", ".a/b."),
  ])
  func isEncodedOnce(_ key: String, _ encoded: String) throws {
    #expect(try ObjectKey(key).encoded == encoded)
  }

  /// Composed and decomposed, these are two keys.
  @Test func unicodeIsNotNormalised() throws {
    #expect(try ObjectKey("\u{e9}").encoded == "%C3%A9")
    #expect(try ObjectKey("e\u{301}").encoded == "e%CC%81")
  }

  @Test(arguments: [
    "", "/a", "a/", "a\\b", "a//b", "a/./b", "../a", "a/..", ".", "a\nb", "a\u{0}", "a\u{7f}", "a\u{85}", "a\u{fffe}",
    String(repeating: "x", count: 1025), String(repeating: "é", count: 513),
  ])
  func whatWouldNotSurviveIsRefused(_ key: String) {
    #expect(throws: ObjectStoreError.self) { try ObjectKey(key) }
  }

  @Test func theLongestIsAllowed() throws {
    #expect(try ObjectKey(String(repeating: "é", count: 512)).text.count == 512)
  }
}
