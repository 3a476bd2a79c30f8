import Decks
import Testing

/// Files as spreadsheets make them.
@Suite struct SpreadsheetFileTests {
  private func utf16(_ text: String, isLittle: Bool = true, mark: Bool = true) -> [UInt8] {
    ((mark ? "\u{FEFF}" : "") + text).utf16.flatMap { unit in
      let (low, high) = (UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8))
      return isLittle ? [low, high] : [high, low]
    }
  }

  private func rows(_ bytes: [UInt8]) throws -> [[String]] { try ImportTable(bytes).rows.map { [$0.front, $0.back] } }

  private func problems(_ bytes: [UInt8]) -> [String] {
    let refusal = #expect(throws: ImportTable.Refusal.self) { _ = try ImportTable(bytes) }
    return refusal?.problems.map { "\($0.path) \($0.message)" } ?? []
  }

  private let cards = [["кот", "cat"], ["two\nlines", "a;b \"c\""]]

  /// Excel in Russia, “CSV UTF-8”: a mark, semicolons, CRLF, LF within cells.
  @Test func excelInUTF8() throws {
    let text = "\u{FEFF}Вопрос;Ответ\r\nкот;cat\r\n\"two\nlines\";\"a;b \"\"c\"\"\"\r\n"
    #expect(try rows(Array(text.utf8)) == cards)
  }

  /// Excel, “Unicode Text”: UTF-16 and tabs.
  @Test(arguments: [true, false]) func excelInUTF16(_ isLittle: Bool) throws {
    let text = "Front\tBack\r\nкот\tcat\r\n\"two\nlines\"\t\"a;b \"\"c\"\"\"\r\n"
    #expect(try rows(utf16(text, isLittle: isLittle)) == cards)
    #expect(try ImportTable(utf16("🐈\tcat\n", isLittle: isLittle)).rows.map(\.front) == ["🐈"])
  }

  @Test func googleSheetsAndLibreOffice() throws {
    #expect(try rows(Array("front,back\r\nкот,cat\r\n\"two\nlines\",\"a;b \"\"c\"\"\"".utf8)) == cards)
    #expect(try rows(Array("кот\tcat\n\"two\nlines\"\t\"a;b \"\"c\"\"\"\n".utf8)) == cards)
  }

  @Test(arguments: [";", ",", "\t"]) func theFirstLineMayNameTheDelimiter(_ delimiter: String) throws {
    for mark in ["", "\u{FEFF}"] {
      let table = try ImportTable(Array("\(mark)sep=\(delimiter)\r\nfront\(delimiter)back\r\na\(delimiter)b\r\n".utf8))
      #expect(table.rows.map(\.front) == ["a"] && table.rows.map(\.number) == [3] && table.hasHeader)
      #expect(table.delimiter.byte == delimiter.utf8.first)
    }
    // One row of words that begins like it is a row.
    #expect(try rows(Array("sep=|,x\na,b".utf8)) == [["sep=|", "x"], ["a", "b"]])
  }

  /// Cells that were once touched, below and beside the table.
  @Test func emptyRowsAndColumnsAreNoRows() throws {
    let table = try ImportTable(Array(";;;\r\nfront;back;;\r\na;b;;\r\n ; ;;\r\nc;d;;\r\n;;;\r\n".utf8))
    #expect(table.hasHeader && table.rows.map(\.front) == ["a", "c"] && table.rows.map(\.number) == [3, 5])
    #expect(problems(Array(";;\n;;\n".utf8)) == [" has no rows but its header"])
  }

  @Test func whatIsNoTableSaysWhatToDo() {
    #expect(problems(utf16("a\tb\nc\td\n", mark: false)).first?.contains("save it as “CSV UTF-8”") == true)
    #expect(problems(utf16("a\tb\n") + [0]).first?.contains("breaks off") == true)
    #expect(problems([0xFF, 0xFE, 0x00, 0xD8, 0x61, 0x00]).first?.contains("save it as “CSV UTF-8”") == true)
    #expect(problems(Array("PK\u{3}\u{4} and so on, a workbook".utf8)).first?.contains("workbook") == true)
    // Windows' own letters.
    #expect(problems([0xEA, 0xEE, 0xF2, 0x3B, 0x63, 0x61, 0x74]).first?.contains("not UTF-8") == true)
    #expect(problems([0xFF, 0xFE]).first?.hasPrefix(" has no rows") == true)
  }
}
