import CLibPQ
import Glibc

/// The answer to one statement. `@unchecked`: libpq never writes to a result once it is whole, and reading it changes
/// nothing in it.
package final class PostgresRows: @unchecked Sendable, RandomAccessCollection {
  private let result: OpaquePointer
  /// For errors.
  private let statement: String
  package let count: Int
  package let columnCount: Int

  /// Owns `result` from now on.
  init(_ result: OpaquePointer, statement: String) {
    self.result = result
    self.statement = statement
    count = Int(PQntuples(result))
    columnCount = Int(PQnfields(result))
  }

  deinit { PQclear(result) }

  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(index: Int) -> PostgresRow {
    precondition(indices.contains(index), "a row that is there")
    return PostgresRow(rows: self, index: index)
  }

  /// How many rows an INSERT, UPDATE, DELETE or SELECT touched; 0 for other statements.
  package var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

  /// What was done: `COMMIT`, `INSERT 0 1`.
  var tag: String { String(cString: PQcmdStatus(result)) }

  func field<Value: PostgresDecodable>(_ row: Int, _ column: Int) throws(PostgresError) -> Value {
    guard (0..<columnCount).contains(column) else {
      throw .protocolViolation("\(statement) has \(columnCount) columns, none at \(column)")
    }
    let (row, place) = (Int32(row), Int32(column))
    let bytes: UnsafeRawBufferPointer? =
      PQgetisnull(result, row, place) == 1
      ? nil : UnsafeRawBufferPointer(start: PQgetvalue(result, row, place), count: Int(PQgetlength(result, row, place)))
    do throws(FieldMismatch) {
      return try withExtendedLifetime(self) { () throws(FieldMismatch) in
        try Value.decode(PostgresField(bytes, oid: PQftype(result, place)))
      }
    } catch {
      throw .protocolViolation("column \(name(of: column)) of \(statement) \(error.reason)")
    }
  }

  /// The place of the column of that name.
  package func column(_ name: String) throws(PostgresError) -> Int {
    let found = (0..<columnCount).first { column in
      name.withCString { wanted in
        guard let own = PQfname(result, Int32(column)) else { return false }
        return strcmp(own, wanted) == 0
      }
    }
    guard let found else { throw .protocolViolation("\(statement) has no column \(name)") }
    return found
  }

  private func name(of column: Int) -> String {
    PQfname(result, Int32(column)).map { String(cString: $0) } ?? "\(column)"
  }
}
