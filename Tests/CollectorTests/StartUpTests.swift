import Collector
import Testing

@Suite struct ServerVersionTests {
  @Test func aVersionIsItsYearAndRelease() throws {
    let version = try #require(ServerVersion("25.5.2.1"))
    #expect(version.year == 25 && version.release == 5 && "\(version)" == "25.5")
    #expect(ServerVersion("25.8.2.1") != version)
    #expect(ServerVersion("26.9.1.17-lts")?.description == "26.9")
    for text in ["", "25", "x.5", "25.x"] { #expect(ServerVersion(text) == nil) }
  }

  @Test func onlyTriedVersionsAreTaken() throws {
    for text in ["25.5.2.1", "25.8.2.1", "26.1.2.1", "26.5.1.1", "26.9.2.1"] {
      #expect(ServerVersion.refusal(of: text) == nil)
    }
    for text in ["25.6.1.1", "24.8.1.1", "27.1.1.1", "something else"] {
      let refusal = try #require(ServerVersion.refusal(of: text))
      #expect(refusal.contains(text) && refusal.contains("COLLECTOR_ALLOW_UNTRIED_CLICKHOUSE"))
    }
  }
}

@Suite struct RangeInsertTests {
  private let insert = RangeInsert(
    table: "t",
    columns: [("topic", "LowCardinality(String)"), ("kafka_offset", "Int64"), ("at", "DateTime64(3, 'UTC')")],
    stampColumn: "taken_at")
  private let lease = Lease(untilMs: 7, in: Incarnation("01234567-89ab-4def-8123-456789abcdef"))

  /// The token rests on this text: every version tried drops its repetition (EngineTests), and few others.
  @Test func theTextIsOrderedByOffsetFirst() {
    #expect(
      insert.text(lease) == """
        INSERT INTO t (kafka_offset, topic, at) SELECT kafka_offset, topic, at FROM input('topic LowCardinality(String), kafka_offset Int64, at DateTime64(3, \\'UTC\\')')
        WHERE throwIf(now64(3) > fromUnixTimestamp64Milli(toInt64(7)), 'the lease of this range is over') = 0
        AND throwIf((SELECT max(incarnation) FROM recoveries) != toUUID('01234567-89ab-4def-8123-456789abcdef'), 'the lease of this range is of another run') = 0 ORDER BY ALL FORMAT Native
        """)
    #expect(
      insert.text(lease, stampMs: 5, where: ["a", "b"]).hasSuffix(
        "= 0\nAND a\nAND b ORDER BY ALL FORMAT Native"))
    #expect(
      insert.resending(lease, where: "kafka_offset < 3").hasPrefix(
        "INSERT INTO t (kafka_offset, topic, at, taken_at) SELECT kafka_offset, topic, at, taken_at FROM t\nWHERE throwIf("
      ))
  }

  @Test func theSettingsMakeOneBlockUnderTheToken() {
    let settings = RangeInsert.settings(token: "a/0/1-2", timeoutMs: 1_500)
    #expect(settings["insert_deduplication_token"] == "a/0/1-2")
    #expect(settings["deduplicate_blocks_in_dependent_materialized_views"] == "1")
    #expect(settings["max_block_size"] == settings["max_insert_block_size"])
    #expect(settings["optimize_read_in_order"] == "0")
    #expect(settings["max_execution_time"] == "1")
  }
}
