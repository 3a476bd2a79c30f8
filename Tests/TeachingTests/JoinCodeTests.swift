import Teaching
import Testing

@Suite struct JoinCodeTextTests {
  @Test func codesAreReadAsTheyAreWritten() {
    for _ in 0..<100 {
      let code = JoinCode()
      #expect(code.text.wholeMatch(of: /[2-9A-HJKMNP-TW-Z]{8}/) != nil, "\(code.text)")
      #expect(JoinCode(typed: code.text) == code)
      #expect(JoinCode(typed: " \(code.text.prefix(4).lowercased())-\(code.text.dropFirst(4)) ") == code)
    }
  }

  /// Each character comes at each place, and none is preferred: of 29,000 a thousand each, within six times what chance does.
  @Test func noCharacterIsPreferred() {
    for place in [0, 7] {
      var counts: [Character: Int] = [:]
      for _ in 0..<29_000 { counts[Array(JoinCode().text)[place], default: 0] += 1 }
      #expect(counts.count == 29 && counts.values.allSatisfy { (810...1190).contains($0) }, "\(counts)")
    }
  }

  @Test(arguments: [
    "", "ABCDEFG", "ABCDEFGHJ", "ABCDEFG0", "ABCDEFGI", "ABCDEFGL", "ABCDEFGO", "ABCDEFGU", "ABCDEFGV", "ABCDEFG1",
    "АBCDEFGH", "ABCDEFG\u{0}", "ABCDEFG\u{301}", "%%%%%%%%", "ABCDEFGH' OR 1=1", "--------",
    String(repeating: "A", count: 100_000),
  ])
  func whatCannotBeACodeIsNone(_ typed: String) { #expect(JoinCode(typed: typed) == nil) }
}
