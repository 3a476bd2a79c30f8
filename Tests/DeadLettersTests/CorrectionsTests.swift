import DeadLetters
import Testing

@Suite struct CorrectionsTests {
  private let letter = LetterCoordinates(topic: "user.events", partition: 2, offset: 4711)

  @Test func coordinatesAreReadAndWritten() {
    #expect(LetterCoordinates("user.events/2/4711") == letter)
    #expect(letter.description == "user.events/2/4711")
    for text in ["", "user.events", "user.events/2", "/2/3", "a/b/3", "a/2/b", "a/-1/3", "a/2/-3", "a/2/3/4", "a//3"] {
      #expect(LetterCoordinates(text) == nil, "\(text)")
    }
  }

  @Test func aFileIsTakenByteForByteButForItsLastNewline() {
    #expect(Corrections(Array("{}\n".utf8), for: letter).values == [letter: Array("{}".utf8)])
    #expect(Corrections(Array("{}".utf8), for: letter).values == [letter: Array("{}".utf8)])
    #expect(Corrections([0xFF, 0x0A, 0x0A], for: letter).values == [letter: [0xFF, 0x0A]])
  }

  @Test func linesAreReadAndFurtherKeysPassedOver() throws {
    let lines = #"""
      {"topic":"user.events","partition":2,"offset":4711,"value":"{\"a\":\"ё\"}","reason":"bad_time"}

      {"offset":1,"partition":0,"topic":"t","value":""}
      """#
    let read = try Corrections(lines: Array(lines.utf8), of: "x")
    #expect(read.values == [letter: Array(#"{"a":"ё"}"#.utf8), .init(topic: "t", partition: 0, offset: 1): []])
  }

  @Test(arguments: [
    #"{"topic":"t","partition":0,"offset":1}"#, #"{"topic":"t","partition":0,"offset":1,"value":{}}"#, "x",
    #"{"topic":"t","partition":"0","offset":1,"value":""}"#,
    "{\"topic\":\"t\",\"partition\":0,\"offset\":1,\"value\":\"\"}\n{\"topic\":\"t\",\"partition\":0,\"offset\":1,\"value\":\"\"}",
  ]) func aLineThatIsNoneIsNamed(_ text: String) {
    let error = #expect(throws: DeadLetterError.self) {
      try Corrections(lines: Array(("\n" + text).utf8), of: "mended.ndjson")
    }
    let line = text.contains("\n") ? 3 : 2
    #expect(error?.description.hasPrefix("mended.ndjson, line \(line): ") == true, "\(String(describing: error))")
  }
}
