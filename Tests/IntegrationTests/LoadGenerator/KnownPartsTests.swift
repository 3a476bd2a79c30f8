import ClickHouse
import Kafka
import LoadGenerator
import Testing

/// What can be queried is asked of new parts only, and nothing is missed for it.
@Suite struct KnownPartsTests {
  private func insert(_ database: TestDatabase, partition: Int, offsets: ClosedRange<Int>) throws {
    _ = try database.writer.execute(
      """
      INSERT INTO events (topic, kafka_partition, kafka_offset, event_type, occurred_at)
      SELECT 'learning.events', \(partition), number, 'card_answered', '2026-01-01 00:00:00'
      FROM numbers(\(offsets.lowerBound), \(offsets.count))
      """)
  }

  @Test func newPartsAndMergedOnesAreRead() throws {
    let database = try TestDatabase()
    try insert(database, partition: 0, offsets: 0...9)
    var known = try KnownParts(database.reader)
    #expect(known.ends(database.reader) == [:])
    try insert(database, partition: 0, offsets: 10...19)
    #expect(known.ends(database.reader) == [.init(topic: "learning.events", partition: 0): 19])
    // Arrives and is merged away before anybody asks.
    try insert(database, partition: 1, offsets: 0...4)
    _ = try database.admin.execute("OPTIMIZE TABLE events FINAL")
    let both: [TopicPartition: Int64] = [
      .init(topic: "learning.events", partition: 0): 19, .init(topic: "learning.events", partition: 1): 4,
    ]
    #expect(known.ends(database.reader) == both)
    #expect(known.ends(database.reader) == both)
  }
}
