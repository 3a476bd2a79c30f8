/// A statement of SQL, one, with parameters `$1`, `$2`…. Make it once, as a constant: each session prepares it at its first
/// use, by its name, and from then on only the name and the parameters travel.
package struct PostgresStatement: Sendable {
  /// Tells it from the others of the program, and names it in errors: `decks.byID`. Empty: not prepared, for what is
  /// run once.
  package let name: String
  package let sql: String

  package init(_ name: String, _ sql: String) {
    self.name = name
    self.sql = sql
  }

  /// Not prepared.
  package init(unprepared sql: String) { self.init("", sql) }

  /// The statement with its parameters' values.
  package func callAsFunction(_ values: PostgresValue...) -> PostgresCall {
    PostgresCall(statement: self, values: values)
  }
}

/// A statement with its parameters' values, to be run.
package struct PostgresCall: Sendable {
  package let statement: PostgresStatement
  package let values: [PostgresValue]

  package init(statement: PostgresStatement, values: [PostgresValue]) {
    self.statement = statement
    self.values = values
  }
}
