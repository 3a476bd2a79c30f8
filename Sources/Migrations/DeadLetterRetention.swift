import ClickHouse

/// How long dead letters are kept: a setting of the installation, so no migration file holds it.
package struct DeadLetterRetention: Sendable {
  /// Nil keeps them for ever.
  package let seconds: Int?

  package init(seconds: Int?) { self.seconds = seconds }

  /// Sets the table's TTL where it differs.
  /// - Returns: whether anything was changed.
  @discardableResult
  package func apply(to connection: ClickHouseConnection) throws(ClickHouseError) -> Bool {
    let rows = try connection.rows(
      """
      SELECT extract(create_table_query, 'TTL toDateTime[(]received_at[)] [+] toIntervalSecond[(]([0-9]+)[)]')
      FROM system.tables WHERE database = currentDatabase() AND name = 'dead_letters'
      """)
    let found = rows.first.flatMap { Int($0[0]) }
    guard found != seconds else { return false }
    if let seconds {
      try connection.execute(
        "ALTER TABLE dead_letters MODIFY TTL toDateTime(received_at) + toIntervalSecond(\(seconds))")
    } else {
      try connection.execute("ALTER TABLE dead_letters REMOVE TTL")
    }
    return true
  }
}
