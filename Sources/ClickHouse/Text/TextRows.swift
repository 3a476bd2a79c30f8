/// One row of a small answer in ClickHouse's format TabSeparated, its escapes undone.
package struct TextRow: Sendable, Equatable {
  /// `NULL` reads as an empty text.
  package let cells: [String]

  package var count: Int { cells.count }

  /// A cell's text.
  package subscript(_ column: Int) -> String { cells[column] }

  /// A cell as a number or whatever else is written as text.
  /// - Throws: `protocolViolation` when there is no such cell, or it holds something else.
  package func value<Value: LosslessStringConvertible>(
    _ column: Int, as type: Value.Type = Value.self
  ) throws(ClickHouseError) -> Value {
    guard column < cells.count, let value = Value(cells[column]) else {
      throw .protocolViolation("no \(Value.self) in column \(column + 1) of the row \(cells)")
    }
    return value
  }

  /// The rows of an answer. The format is meant for few: every cell becomes a string of its own.
  package static func rows(of answer: [UInt8]) -> [TextRow] {
    answer.split(separator: UInt8(ascii: "\n")).map { line in
      TextRow(cells: line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map(unescaped))
    }
  }

  /// https://clickhouse.com/docs/interfaces/formats/TabSeparated
  private static func unescaped(_ cell: ArraySlice<UInt8>) -> String {
    guard cell.contains(UInt8(ascii: "\\")) else { return String(decoding: cell, as: UTF8.self) }
    if cell.elementsEqual("\\N".utf8) { return "" }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(cell.count)
    var isEscape = false
    for byte in cell {
      if !isEscape {
        isEscape = byte == UInt8(ascii: "\\")
        if !isEscape { bytes.append(byte) }
        continue
      }
      isEscape = false
      switch byte {
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0C)
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "0"): bytes.append(0)
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension ClickHouseConnection {
  /// Asks for a small answer's rows.
  /// - Parameter sql: without `FORMAT`, which is added.
  package func rows(
    _ sql: String, parameters: [String: any ClickHouseParameter] = [:], settings: [String: String] = [:]
  ) throws(ClickHouseError) -> [TextRow] {
    TextRow.rows(of: try execute(sql + "\nFORMAT TabSeparated", parameters: parameters, settings: settings))
  }
}
