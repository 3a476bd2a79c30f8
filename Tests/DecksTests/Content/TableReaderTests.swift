import Decks
import Testing

@Suite struct TableReaderTests {
  private func records(_ text: String, _ delimiter: Delimiter = .comma) throws -> [[String]] {
    try read(Array(text.utf8), delimiter).map(\.fields)
  }

  private func read(_ bytes: [UInt8], _ delimiter: Delimiter = .comma) throws -> [TableReader.Record] {
    var reader = TableReader(bytes, delimiter)
    var found: [TableReader.Record] = []
    while let record = try reader.next() { found.append(record) }
    return found
  }

  private func failure(_ text: String) -> TableReader.Failure? {
    #expect(throws: TableReader.Failure.self) { _ = try records(text) }
  }

  @Test func fieldsAndLines() throws {
    #expect(try records("a,b\nc,d") == [["a", "b"], ["c", "d"]])
    #expect(try records("a,b\r\nc,d\r\n") == [["a", "b"], ["c", "d"]])
    #expect(try records("a,b\rc,d\r") == [["a", "b"], ["c", "d"]])
    #expect(try records("a,,\n,") == [["a", "", ""], ["", ""]])
    #expect(try records("") == [])
    #expect(try records("\u{FEFF}слово;перевод", .semicolon) == [["слово", "перевод"]])
    #expect(try records("a\tb,c", .tab) == [["a", "b,c"]])
  }

  @Test func quotes() throws {
    #expect(try records("\"a,b\",\"c\"\"d\"") == [["a,b", "c\"d"]])
    #expect(try records("\"a\nb\r\nc\",d\ne,f") == [["a\nb\r\nc", "d"], ["e", "f"]])
    #expect(try records("\"\",\"\"") == [["", ""]])
    #expect(try records("5\" disk,a \"b\" c") == [["5\" disk", "a \"b\" c"]])
    #expect(failure("a,b\nc,\"d")?.row == 2)
    #expect(failure("a,b\n\"c\" x,d")?.message.contains("closing quote") == true)
  }

  @Test func rowsAreNumberedAsASpreadsheetDoes() throws {
    #expect(try read(Array("a\n\n\"b\nc\"\r\n\r\nd".utf8)).map(\.row) == [1, 3, 5])
  }

  @Test func whatIsNoUTF8IsRefusedWithItsRow() {
    let failure = #expect(throws: TableReader.Failure.self) {
      _ = try read(Array("a,b\n".utf8) + [0xCF, 0xF0, 0x2C, 0x61])
    }
    #expect(failure?.row == 2)
    #expect(failure?.message.contains("UTF-8") == true)
  }

  @Test func aRowOfManyFieldsIsRefused() {
    #expect(failure(String(repeating: ",", count: 100))?.row == 1)
  }

  /// Whatever the bytes are, reading ends, and gives what it was given or says why not.
  @Test func hostileBytes() {
    var random = SeededGenerator(state: 7)
    let alphabet: [UInt8] = Array("\",;\t\r\n a'=".utf8) + [0, 0xFF, 0xEF, 0xBB, 0xBF, 0xD0]
    for _ in 0..<3000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
      for delimiter in Delimiter.allCases {
        guard let found = try? read(bytes, delimiter) else { continue }
        #expect(found.flatMap(\.fields).reduce(0) { $0 + $1.utf8.count } <= bytes.count)
        #expect(found.map(\.row) == found.map(\.row).sorted())
      }
      _ = try? ImportTable(bytes)
    }
  }

  @Test(arguments: [
    ("a;b\nc;d", Delimiter.semicolon), ("a,b\nc,d", .comma), ("a\tb\nc\td", .tab),
    // Commas in sentences.
    ("one, two;1\nthree;2\nfour, five, six;3", .semicolon), ("hello, world\ta, b\nhi\tc, d", .tab),
    ("\"a;b\",c\n\"d;e\",f", .comma),
  ])
  func theDelimiterIsFound(_ text: String, _ delimiter: Delimiter) {
    #expect(Delimiter.detected(in: Array(text.utf8)) == delimiter)
  }

  @Test func aFileOfOneColumnHasNone() { #expect(Delimiter.detected(in: Array("a\nb\nc".utf8)) == nil) }
}
