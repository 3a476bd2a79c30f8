import JSON
import Testing

@Suite struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8), maximumDepth: 4) }

  @Test func readsEveryKindOfValue() throws {
    let text = #" {"a":[1,-2.5e3,0],"b":{"c":null,"d":true},"e":"é\u00e9\ud83d\ude00\n\"","f":18446744073709551615} "#
    let value = try parse(text)
    #expect(value["a"] == .array([.number("1"), .number("-2.5e3"), .number("0")]))
    #expect(value["b"]?["c"] == .null && value["b"]?["d"] == .bool(true))
    #expect(value["e"] == .string("éé😀\n\""))
    #expect(value["f"] == .number("18446744073709551615"))
    #expect(try parse(value.text) == value)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "01", "1.", "+1", "nul", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
    "{\"a\":1,\"a\":2}", "1 2", "[[[[[1]]]]]", "\"abc", "{1:2}", "[1 2]", "NaN", "-",
  ])
  func refuses(text: String) {
    #expect(throws: JSONParser.Failure.self) { try parse(text) }
  }

  @Test func refusesBytesThatAreNoText() {
    #expect(throws: JSONParser.Failure.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
  }

  @Test func tellsWhatIsNoJSONFromWhatSaysTooMuch() {
    for (text, kind, offset) in [
      ("{\"a\":1,\"\\u0061\":2}", JSONParser.Failure.Kind.duplicateName, 15), ("[[[[[1]]]]]", .depth, 5),
      ("[1,]", .grammar, 3),
    ] {
      let failure = #expect(throws: JSONParser.Failure.self) { try parse(text) }
      #expect(failure?.kind == kind && failure?.offset == offset, "\(text)")
    }
  }
}
