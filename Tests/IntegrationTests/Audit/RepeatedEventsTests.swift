import Audit
import ClickHouse
import Collector
import Foundation
import Testing

/// What a producer sent more than once is stored as often, counted, and no fault.
@Suite(.serialized) struct RepeatedEventsTests {
  @Test(.timeLimit(.minutes(3))) func repeatsAreCountedWhereverTheyLie() throws {
    let bench = try CollectorBench(topics: 2, partitions: 3)
    let collector = try bench.startCollector()
    for number in 0..<200 { try bench.send(SampleEvents.event(number), key: "k") }
    // In the same range: 201 and 202 twice each, one after the other.
    for number in [201, 201, 202, 203, 202] { try bench.send(SampleEvents.event(number), key: "k") }
    try bench.flush()
    #expect(bench.awaitRows(events: 205), "\(collector.errors)")
    #expect(try bench.audit().output.contains("2 events were sent more than once by a producer (\(bench.topics[0]) 2)"))
    // In a later range, three times in all; in other partitions; in the other topic, where 300 is new as well.
    for _ in 0..<2 {
      try bench.send(SampleEvents.event(5), key: "k")
      try bench.flush()
      usleep(600_000)
    }
    for key in ["a", "b", "c", "d", "e"] { try bench.send(SampleEvents.event(6), key: key) }
    try bench.send(SampleEvents.event(7), key: "k", topic: 1)
    for _ in 0..<2 { try bench.send(SampleEvents.event(300), key: "k", topic: 1) }
    try bench.flush()
    #expect(bench.awaitRows(events: 215), "\(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0)

    let audit = try bench.audit()
    #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
    let topics = "\(bench.topics[0]) 5, \(bench.topics[1]) 1"
    #expect(
      audit.output.contains(
        "6 events were sent more than once by a producer (\(topics)): SELECT * FROM repeated_events"),
      "\(audit.output)")
    // However small the pieces are.
    for rows in [1, 3, 50] {
      let report = try Audit(bench.writer, pieceRows: Int64(rows)).run()
      #expect(
        report.holds && report.repeated == [bench.topics[0]: 5, bench.topics[1]: 1], "\(rows) \(report.repeated)")
    }
  }

  @Test(.timeLimit(.minutes(3))) func theViewTellsWhereTheCopiesLie() throws {
    let database = try TestDatabase()
    for (topic, partition, offset) in [("b", 1, 7), ("a", 0, 3), ("a", 0, 4)] {
      try insert(into: database, id: 1, topic, partition, offset)
      // Asked at each step: an answer must not be what ClickHouse remembers of the one before.
      let copies = try database.reader.text("SELECT sum(copies) FROM repeated_events")
      #expect(copies == "\(offset == 7 ? 0 : offset - 1)\n")
    }
    try insert(into: database, id: 2, "a", 0, 5)
    // The same offset twice is no producer's doing.
    for _ in 0..<2 { try insert(into: database, id: 3, "a", 0, 6) }
    let view = try database.reader.text(
      """
      SELECT event_id, event_type, producer, copies, arrayMap(place -> (place.topic, place.kafka_partition,
        place.kafka_offset), places), toBool(arraySort(places.ingested_at) = places.ingested_at)
      FROM repeated_events FORMAT TabSeparatedRaw
      """)
    #expect(
      view == "00000000-0000-4000-8000-000000000001\tcard_answered\tdecks-service\t3\t"
        + "[('b',1,7),('a',0,3),('a',0,4)]\ttrue\n")
    #expect(try Audit(database.writer).run().repeated == ["a": 1])
  }

  private func insert(into database: TestDatabase, id: Int, _ topic: String, _ partition: Int, _ offset: Int) throws {
    try database.writer.execute(
      """
      INSERT INTO events (topic, kafka_partition, kafka_offset, event_id, event_type, producer, occurred_at)
      VALUES ('\(topic)', \(partition), \(offset), '\(SampleEvents.id(id))', 'card_answered', 'decks-service',
        '2026-01-02 03:04:05.678')
      """)
    usleep(2_000)
  }
}
