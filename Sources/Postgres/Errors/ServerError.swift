import CLibPQ

/// The server's refusal of one statement.
package struct ServerError: Error, Sendable, Equatable {
  /// Five characters, e.g. 23505 for a unique violation.
  package let sqlState: String
  /// The server's sentence. May quote a value of the data where the code begins with 22: not for logs.
  package let message: String
  package let constraint: String?
  package let table: String?
  package let column: String?
  /// The name of the statement; empty for one without. `COMMIT`, if the transaction could not be committed.
  package let statement: String
  /// The place of the statement in its batch, from 0.
  package let index: Int

  package init(
    sqlState: String, message: String, constraint: String? = nil, table: String? = nil, column: String? = nil,
    statement: String, index: Int
  ) {
    self.sqlState = sqlState
    self.message = message
    self.constraint = constraint
    self.table = table
    self.column = column
    self.statement = statement
    self.index = index
  }

  /// Transactions met: the same one, run again, may succeed.
  package var isConflict: Bool { sqlState == "40001" || sqlState == "40P01" }

  /// A lock was not had within `lock_timeout`.
  package var isLockTimeout: Bool { sqlState == "55P03" }
}

extension ServerError: CustomStringConvertible {
  package var description: String {
    let place = statement.isEmpty ? "" : " in \(statement)"
    let object = (constraint ?? column ?? table).map { " (\($0))" } ?? ""
    // Data exceptions quote the data.
    return "Postgres error \(sqlState)\(place)\(object)" + (sqlState.hasPrefix("22") ? "" : ": \(message)")
  }
}

extension ServerError {
  /// Of an error result.
  init(_ result: OpaquePointer, statement: String, index: Int) {
    self.init(
      sqlState: Self.field("C", result) ?? "", message: Self.field("M", result) ?? "",
      constraint: Self.field("n", result), table: Self.field("t", result), column: Self.field("c", result),
      statement: statement, index: index)
  }

  /// Whether the server ends the session with it.
  static func isFatal(_ result: OpaquePointer) -> Bool { ["FATAL", "PANIC"].contains(field("V", result)) }

  /// A plan that was prepared before the table changed, or a statement that the server has forgotten: a new session has
  /// neither.
  static func isStale(_ result: OpaquePointer) -> Bool {
    let code = field("C", result)
    return code == "26000" || code == "0A000" && field("R", result) == "RevalidateCachedQuery"
  }

  private static func field(_ code: Unicode.Scalar, _ result: OpaquePointer) -> String? {
    PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
  }
}
