import ClickHouse
import Testing

@Suite struct TextRowsTests {
  @Test func escapesAreUndone() throws {
    let answer = #"a\tb\\n"# + "\t" + #"line\nbreak\r\0\b\f\'"# + "\t\\N\t\n-7\t\té\t18446744073709551615\n"
    let rows = TextRow.rows(of: Array(answer.utf8))
    #expect(rows.count == 2 && rows[0].count == 4 && rows[1].count == 4)
    #expect(rows[0][0] == "a\tb\\n" && rows[0][1] == "line\nbreak\r\0\u{8}\u{C}'")
    #expect(rows[0][2] == "" && rows[0][3] == "")
    #expect(try rows[1].value(0, as: Int.self) == -7)
    #expect(try rows[1].value(3) == UInt64.max)
    #expect(rows[1][2] == "é" && TextRow.rows(of: []).isEmpty)
  }

  @Test(arguments: [0, 1, 2]) func whatIsNoNumberIsAnError(column: Int) throws {
    let row = try #require(TextRow.rows(of: Array("x\t300\n".utf8)).first)
    #expect(throws: ClickHouseError.self) { try row.value(column, as: UInt8.self) }
  }

  @Test func textsStayInsideTheirQuotes() {
    #expect(SQLText.literal(#"it's \ "so""# + "\n\0") == #"'it\'s \\ "so"\n\0'"#)
    #expect(SQLText.identifier("a`b'c") == #"`a\`b'c`"#)
    #expect("it's\t".parameterText == #"it's\t"# && "it's".quotedParameterText == #"'it\'s'"#)
  }
}
