import Foundation

/// One recorded message: `{"topic": …, "key": …, "event": {…}}`, the keys in any order, others ignored.
///
/// Reads only as much as is needed to find the values: whether the event is a valid one is for the collector to say.
struct RecordedLine {
  var topic: String?
  /// Nil when absent or null.
  var key: [UInt8]?
  /// The event object's exact bytes, a part of the line.
  var event: Range<Int>?

  /// Why a line is no recorded message.
  struct Fault: Error, Equatable {
    let reason: String
  }

  init(_ line: UnsafeRawBufferPointer) throws(Fault) {
    var cursor = JSONCursor(line)
    try cursor.expect(UInt8(ascii: "{"), "a JSON object")
    if cursor.skip(UInt8(ascii: "}")) { return }
    repeat {
      let name = try cursor.text()
      try cursor.expect(UInt8(ascii: ":"), "a colon")
      switch name {
      case "topic": topic = try cursor.text()
      case "key":
        cursor.skipBlanks()
        if cursor.peek == UInt8(ascii: "\"") {
          key = Array(try cursor.text().utf8)
        } else {
          let bytes = try cursor.value()
          key = line[bytes].elementsEqual("null".utf8) ? nil : Array(line[bytes])
        }
      case "event":
        cursor.skipBlanks()
        guard cursor.peek == UInt8(ascii: "{") else { throw Fault(reason: "its \"event\" is no object") }
        event = try cursor.value()
      default: _ = try cursor.value()
      }
    } while cursor.skip(UInt8(ascii: ","))
    try cursor.expect(UInt8(ascii: "}"), "a comma or the end of the object")
    cursor.skipBlanks()
    guard cursor.isAtEnd else { throw Fault(reason: "has something after the object") }
  }
}

/// Steps over JSON values without understanding them.
struct JSONCursor {
  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { index >= bytes.count }
  /// The byte ahead; 0 at the end.
  var peek: UInt8 { index < bytes.count ? bytes[index] : 0 }

  mutating func skipBlanks() {
    while [0x20, 0x09, 0x0A, 0x0D].contains(peek) { index += 1 }
  }

  mutating func skip(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard peek == byte else { return false }
    index += 1
    return true
  }

  mutating func expect(_ byte: UInt8, _ what: String) throws(RecordedLine.Fault) {
    guard skip(byte) else {
      throw RecordedLine.Fault(
        reason: isAtEnd
          ? "is cut off: \(what) should follow" : "is not as it should be: expected \(what) at byte \(index)")
    }
  }

  /// A string's value.
  mutating func text() throws(RecordedLine.Fault) -> String {
    skipBlanks()
    guard peek == UInt8(ascii: "\"") else {
      throw RecordedLine.Fault(
        reason: isAtEnd
          ? "is cut off: a string should follow" : "is not as it should be: expected a string at byte \(index)")
    }
    let range = try value()
    let inner = UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound + 1..<range.upperBound - 1])
    guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
    guard let text = try? JSONDecoder().decode(String.self, from: Data(bytes[range])) else {
      throw RecordedLine.Fault(reason: "has a string that is no JSON at byte \(range.lowerBound)")
    }
    return text
  }

  /// The bytes of the value ahead.
  mutating func value() throws(RecordedLine.Fault) -> Range<Int> {
    skipBlanks()
    let start = index
    var depth = 0
    repeat {
      switch peek {
      case UInt8(ascii: "\""): try skipString()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        index += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { throw RecordedLine.Fault(reason: "lacks a value at byte \(index)") }
        index += 1
      case 0x20, 0x09, 0x0D, 0x0A: index += 1
      default:
        let word = index
        while !isAtEnd, !Self.delimiters.contains(peek) { index += 1 }
        guard index > word else { throw RecordedLine.Fault(reason: "is cut off") }
      }
    } while depth > 0
    guard depth == 0, index > start else { throw RecordedLine.Fault(reason: "lacks a value at byte \(start)") }
    return start..<index
  }

  private mutating func skipString() throws(RecordedLine.Fault) {
    index += 1
    while index < bytes.count {
      let byte = bytes[index]
      index += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return }
    }
    throw RecordedLine.Fault(reason: "is cut off within a string")
  }

  private static let delimiters = Set("\"{}[],: \t\r\n".utf8)
}
