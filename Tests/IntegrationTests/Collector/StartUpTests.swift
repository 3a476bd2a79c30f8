import Testing

/// What a collector asks of ClickHouse before its first message, and what it refuses.
@Suite struct StartUpTests {
  private static func refusal(_ bench: CollectorBench) throws -> String {
    let ended = try Kartoteka.run(["collector"], environment: bench.environment)
    #expect(ended.status == 1)
    return ended.errors
  }

  @Test(arguments: [
    ("ranges", "ReplacingMergeTree", "Table ranges is a ReplacingMergeTree"),
    ("events", "ReplacingMergeTree", "Table events is a ReplacingMergeTree"),
    ("dead_letters", "ReplacingMergeTree", "Table dead_letters is a ReplacingMergeTree"),
    ("user_daily", "SummingMergeTree", "Table user_daily is a SummingMergeTree"),
    ("ranges", "MergeTree", "Table ranges keeps no block numbers"),
  ])
  func anotherEngineIsRefusedByName(table: String, engine: String, words: String) throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    _ = try bench.writer.execute("CREATE TABLE other AS \(table) ENGINE = \(engine) ORDER BY tuple()")
    _ = try bench.writer.execute("DROP TABLE \(table)")
    _ = try bench.writer.execute("RENAME TABLE other TO \(table)")
    let errors = try Self.refusal(bench)
    #expect(errors.contains(words), "\(errors)")
  }
}
