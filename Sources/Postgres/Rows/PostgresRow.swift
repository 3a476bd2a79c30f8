/// One row of an answer; fields are read from it as what they are, without text in between.
package struct PostgresRow: Sendable {
  let rows: PostgresRows
  let index: Int

  /// The field at a column, from 0.
  /// - Throws: `.protocolViolation` if it is of another type, or NULL and not read as an optional.
  package func value<Value: PostgresDecodable>(
    _ column: Int, as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    try rows.field(index, column)
  }

  /// The field of the column of that name.
  package func value<Value: PostgresDecodable>(
    _ name: String, as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    try rows.field(index, rows.column(name))
  }

  /// Reads the fields one after the other.
  package var reader: PostgresRowReader { PostgresRowReader(row: self) }
}

/// Reads the fields of a row in the order of the columns.
package struct PostgresRowReader {
  private let row: PostgresRow
  private var column = 0

  init(row: PostgresRow) { self.row = row }

  package mutating func next<Value: PostgresDecodable>(_ type: Value.Type = Value.self) throws(PostgresError) -> Value {
    defer { column += 1 }
    return try row.value(column)
  }
}
