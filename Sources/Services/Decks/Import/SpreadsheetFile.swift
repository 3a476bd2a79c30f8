/// What spreadsheets put around a table: other forms of Unicode, and a first line that names the delimiter.
enum SpreadsheetFile {
  struct Failure: Error {
    let message: String
  }

  private static let sample = 1000

  /// The table in UTF-8, and its delimiter where the file names one (`sep=;`). Read from UTF-16 where the file begins with the
  /// mark of it, as Excel's “Unicode Text” does.
  static func read(_ file: [UInt8]) throws(Failure) -> (bytes: [UInt8], delimiter: Delimiter?) {
    var bytes = file
    if file.starts(with: [0xFF, 0xFE]) {
      bytes = try utf8(file, isLittleEndian: true)
    } else if file.starts(with: [0xFE, 0xFF]) {
      bytes = try utf8(file, isLittleEndian: false)
    } else if file.starts(with: Array("PK\u{3}\u{4}".utf8)) {
      throw Failure(message: "is a workbook or another archive: save it as “CSV UTF-8”")
    } else if looksLikeUTF16(file) {
      throw Failure(message: "is UTF-16 without the mark that says so: save it as “CSV UTF-8”")
    }
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let line = bytes[start...].prefix { $0 != 0x0A && $0 != 0x0D }
    guard line.count == 5, String(decoding: line.prefix(4), as: UTF8.self).lowercased() == "sep=",
      let delimiter = Delimiter.allCases.first(where: { $0.byte == line.last })
    else { return (bytes, nil) }
    // Its end stays, so that rows are numbered as the spreadsheet does.
    return (Array(bytes[line.endIndex...]), delimiter)
  }

  private static func utf8(_ file: [UInt8], isLittleEndian: Bool) throws(Failure) -> [UInt8] {
    guard file.count % 2 == 0 else { throw Failure(message: "is UTF-16 that breaks off within a character") }
    let units = stride(from: 2, to: file.count, by: 2).map { place in
      let (first, second) = (UInt16(file[place]), UInt16(file[place + 1]))
      return isLittleEndian ? first | second << 8 : first << 8 | second
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw Failure(message: "begins as UTF-16 and is none: save it as “CSV UTF-8”")
    }
    return Array(text.utf8)
  }

  /// Every other byte is nothing.
  private static func looksLikeUTF16(_ file: [UInt8]) -> Bool {
    let beginning = file.prefix(sample)
    guard beginning.count >= 8 else { return false }
    let (even, odd) = (stride(from: 0, to: beginning.count, by: 2), stride(from: 1, to: beginning.count, by: 2))
    return [even, odd].contains { places in places.allSatisfy { file[$0] == 0 } }
  }
}
