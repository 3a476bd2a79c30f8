import ClickHouse
import Collector
import EventSchema
import Kafka
import Settings
import Testing

@Suite struct HouseDefaultsTests {
  /// The room that collects knows no settings, and has the same defaults for whoever uses it without them.
  @Test func theCollectorsOwnDefaultsAreTheDeclaredOnes() throws {
    let configuration = CollectorConfiguration(
      kafka: KafkaConfiguration(brokers: "x:1"), topics: [],
      clickHouse: try ClickHouseConfiguration(url: "http://x", database: "x", user: "x", password: ""),
      settings: EventSettings())
    let settings = Settings(environment: [:])
    #expect(configuration.group == (try settings[\.collector.group]))
    #expect(configuration.flushRows == (try settings[\.collector.flushRows]))
    #expect(configuration.flushBytes == (try settings[\.collector.flushBytes]))
    #expect(configuration.flushIntervalMs == (try settings[\.collector.flushInterval].wholeMilliseconds))
    #expect(configuration.bufferBytes == (try settings[\.collector.bufferBytes]))
    #expect(configuration.workers == (try settings[\.collector.workers]))
    #expect(configuration.repeatWindow == (try settings[\.collector.repeatWindow]))
    #expect(Int(configuration.leaseMs) == (try settings[\.collector.lease].wholeMilliseconds))
    #expect(Int(configuration.insertTimeoutMs) == (try settings[\.collector.insertTimeout].wholeMilliseconds))
    #expect(configuration.stopDeadlineMs == (try settings[\.collector.stopDeadline].wholeMilliseconds))
  }
}
