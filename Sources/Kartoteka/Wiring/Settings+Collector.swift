import Collector
import EventSchema
import Settings

extension Settings {
  func collector() throws(SettingError) -> CollectorConfiguration {
    var configuration = CollectorConfiguration(
      kafka: try kafka(), topics: try self[\.collector.topics] ?? Catalogue.v1.topics.map(\.name),
      clickHouse: try clickHouseWriter(), settings: try events())
    configuration.group = try self[\.collector.group]
    configuration.flushRows = try self[\.collector.flushRows]
    configuration.flushBytes = try self[\.collector.flushBytes]
    configuration.flushIntervalMs = try self[\.collector.flushInterval].wholeMilliseconds
    configuration.bufferBytes = try self[\.collector.bufferBytes]
    configuration.workers = try self[\.collector.workers]
    configuration.repeatWindow = try self[\.collector.repeatWindow]
    configuration.leaseMs = Int64(try self[\.collector.lease].wholeMilliseconds)
    configuration.insertTimeoutMs = Int64(try self[\.collector.insertTimeout].wholeMilliseconds)
    configuration.stopDeadlineMs = try self[\.collector.stopDeadline].wholeMilliseconds
    configuration.allowsUntriedClickHouse = try self[\.collector.allowsUntriedClickHouse]
    configuration.clickHouse.requestTimeoutMs = Int(configuration.insertTimeoutMs) + 5_000
    return configuration
  }
}
