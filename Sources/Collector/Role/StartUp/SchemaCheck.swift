import EventSchema

/// Asks ClickHouse whether server and tables are those that this version was made for.
struct SchemaCheck {
  private let ask: StartUpQuestions

  init(_ ask: StartUpQuestions) { self.ask = ask }

  /// The tables written, each with the engine whose ways delivery rests on. Replicated ones keep their block numbers and
  /// deduplication windows in Keeper, by other rules and other settings: nobody has tried them.
  private static let engines =
    [
      ("events", "MergeTree"), ("dead_letters", "MergeTree"), ("ranges", "MergeTree"), ("recoveries", "Memory"),
      ("delivery_proof", "MergeTree"), ("delivery_proof_sums", "AggregatingMergeTree"),
    ] + Rollup.all.map { ($0.name, "AggregatingMergeTree") }

  /// - Parameter allowsUntried: a server's version that nobody has tried will do.
  /// - Returns: how many parts every deduplication window surely remembers.
  /// - Throws: `CollectorFailure` for a wrong password, a version not tried, a missing table, view or column, another engine,
  ///   a window that is off. A ClickHouse that is away is waited for.
  func run(allowsUntried: Bool) throws(CollectorFailure) -> UInt64 {
    try checkVersion(allowsUntried: allowsUntried)
    try checkColumns()
    try checkEngines()
    // Earlier INSERTs of a range are looked for there; without the right to, a range could not be repeated.
    _ = try ask.rows("SELECT query_id, user, query, Settings FROM system.processes LIMIT 0")
    return try smallestWindow()
  }

  private func checkVersion(allowsUntried: Bool) throws(CollectorFailure) {
    let version = try ask.rows("SELECT version()").first?[0] ?? ""
    if !allowsUntried, let refusal = ServerVersion.refusal(of: version) { throw CollectorFailure(description: refusal) }
  }

  private func checkColumns() throws(CollectorFailure) {
    let rows = try ask.rows(
      "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND table IN ('events', 'dead_letters', 'ranges', 'recoveries', 'delivery_proof')"
    )
    var found: [String: [String: String]] = [:]
    for row in rows where row.count == 3 { found[row[0], default: [:]][row[1]] = row[2] }
    for table in ["events", "dead_letters", "ranges", "recoveries", "delivery_proof"] where found[table] == nil {
      throw CollectorFailure(description: "ClickHouse has no table \(table): run `kartoteka migrate up` first.")
    }
    for column in ["expires_at", "protocol", "incarnation", "first_day", "last_day"]
    where found["ranges"]?[column] == nil {
      throw CollectorFailure(
        description: "ranges has no column \(column): run `kartoteka migrate up` with this version first.")
    }
    for column in BlockTable.events.columns {
      guard let type = found["events"]?[column.name] else {
        throw CollectorFailure(
          description: "events has no column \(column.name): run `kartoteka migrate up` with this version first.")
      }
      guard type.replacing(" ", with: "") == column.type.replacing(" ", with: "") else {
        throw CollectorFailure(
          description: "events.\(column.name) is \(type), but this version writes \(column.type): migrate, or update.")
      }
    }
  }

  private func checkEngines() throws(CollectorFailure) {
    let rows = try ask.rows(
      "SELECT name, engine, engine_full FROM system.tables WHERE database = currentDatabase() ORDER BY name")
    for row in rows where row.count == 3 {
      guard let expected = Self.engines.first(where: { $0.0 == row[0] })?.1 else { continue }
      if row[1] != expected {
        throw CollectorFailure(
          description: """
            Table \(row[0]) is a \(row[1]), but delivery was made for, and tried on, \(expected) only: another engine \
            numbers its blocks and remembers tokens in another way.
            """)
      }
      if row[0] == "ranges" && !row[2].contains("enable_block_number_column = 1") {
        throw CollectorFailure(
          description: """
            Table ranges keeps no block numbers (enable_block_number_column is not 1): who claimed a range first could not \
            be told. Run `kartoteka migrate up`.
            """)
      }
    }
    let found = Set(rows.lazy.filter { $0.count == 3 && $0[1] == "MaterializedView" }.map { $0[0] })
    for view in Rollup.all.map(\.view) where !found.contains(view) {
      throw CollectorFailure(
        description: """
          ClickHouse has no view \(view), or it is detached: its rollup would lack what is inserted. Run `kartoteka migrate \
          up`; if nothing is pending, ATTACH TABLE \(view).
          """)
    }
  }

  /// The smallest `non_replicated_deduplication_window` of the tables an INSERT reaches.
  private func smallestWindow() throws(CollectorFailure) -> UInt64 {
    let rows = try ask.rows(
      #"""
      SELECT name, engine, toUInt64OrZero(extract(engine_full, 'non_replicated_deduplication_window = (\\d+)'))
      FROM system.tables
      WHERE database = currentDatabase() AND name NOT LIKE 'delivery_proof%' AND (
        name IN ('events', 'dead_letters') OR name IN (
          SELECT extract(create_table_query, ' TO `?[^ `.]+`?\\.`?([^ `(]+)') FROM system.tables
          WHERE database = currentDatabase() AND engine = 'MaterializedView'))
      """#)
    var smallest = UInt64.max
    for row in rows where row.count == 3 {
      guard !row[1].hasPrefix("Replicated"), let window = UInt64(row[2]), window > 0 else {
        throw CollectorFailure(
          description: """
            Table \(row[0]) (\(row[1])) does not deduplicate (non_replicated_deduplication_window is 0, or does not count): \
            a repeated range would double its rows. Run `kartoteka migrate up`.
            """)
      }
      smallest = min(smallest, window)
    }
    // Half, for parts that other partitions write between the count and our INSERT.
    return smallest / 2
  }
}
