/// Reads the records of a table in UTF-8: fields between delimiters, lines ended by LF, CRLF or CR; a field that begins with a
/// quote ends at the next one that is not doubled, and may hold delimiters and lines (RFC 4180). A quote within another field
/// is a character like others. Empty lines are passed over, and counted.
package struct TableReader {
  package struct Record: Equatable, Sendable {
    /// From 1, as a spreadsheet numbers it.
    package let row: Int
    package let fields: [String]
  }

  package struct Failure: Error, Equatable {
    package let row: Int
    package let message: String
  }

  package static let mostFields = 100

  private let bytes: [UInt8]
  private let delimiter: UInt8
  private var position = 0
  private var row = 0

  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  package init(_ bytes: [UInt8], _ delimiter: Delimiter) {
    self.bytes = bytes
    self.delimiter = delimiter.byte
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next record; nil at the end.
  package mutating func next() throws(Failure) -> Record? {
    while position < bytes.count {
      row += 1
      if takeLineEnd() { continue }
      var fields: [String] = []
      repeat {
        guard fields.count < Self.mostFields else { throw failure("has more than \(Self.mostFields) fields") }
        fields.append(try field())
      } while takeDelimiter()
      return Record(row: row, fields: fields)
    }
    return nil
  }

  private mutating func field() throws(Failure) -> String {
    guard position < bytes.count, bytes[position] == Self.quote else { return try plainField() }
    position += 1
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      guard byte == Self.quote else {
        text.append(byte)
        continue
      }
      guard position < bytes.count, bytes[position] == Self.quote else {
        guard isAtFieldEnd else { throw failure("has something behind a closing quote; double a quote that is meant") }
        return try string(text[...])
      }
      text.append(Self.quote)
      position += 1
    }
    throw failure("opens a quote that is never closed")
  }

  private mutating func plainField() throws(Failure) -> String {
    let start = position
    while !isAtFieldEnd { position += 1 }
    return try string(bytes[start..<position])
  }

  private func string(_ bytes: ArraySlice<UInt8>) throws(Failure) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw failure("is not UTF-8: save the file as “CSV UTF-8”")
    }
    return text
  }

  private var isAtFieldEnd: Bool {
    guard position < bytes.count else { return true }
    let byte = bytes[position]
    return byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn
  }

  private mutating func takeDelimiter() -> Bool {
    guard position < bytes.count, bytes[position] == delimiter else {
      _ = takeLineEnd()
      return false
    }
    position += 1
    return true
  }

  private mutating func takeLineEnd() -> Bool {
    guard position < bytes.count else { return false }
    switch bytes[position] {
    case Self.lineFeed: position += 1
    case Self.carriageReturn:
      position += 1
      if position < bytes.count, bytes[position] == Self.lineFeed { position += 1 }
    default: return false
    }
    return true
  }

  private func failure(_ message: String) -> Failure { Failure(row: row, message: message) }
}
