import Blocking
import Foundation
import Kafka
import Telemetry

/// Gauges read from the lanes when metrics are asked for.
enum LaneMetrics {
  private struct Reading {
    let partition: TopicPartition
    let next: Int64
    let oldestTimestampMs: Int64?
  }

  static func register(in metrics: MetricsRegistry, lanes: Monitor<Lanes>, budget: Int, consumer: PartitionEnds) {
    let readings: @Sendable () -> [Reading] = {
      lanes.withLock { state in
        state.lanes.map { lane in
          Reading(
            partition: lane.partition, next: lane.machine.readFrom, oldestTimestampMs: lane.oldestTimestampMs)
        }
      }
    }
    metrics.gauges("collector_lag_messages", help: "Messages in Kafka that are not in ClickHouse yet.") {
      readings().compactMap { reading in
        consumer.end(of: reading.partition).map {
          .init(Double(max(0, $0 - reading.next)), labels: labels(reading.partition))
        }
      }
    }
    metrics.gauges("collector_lag_seconds", help: "Age of the oldest message read but not in ClickHouse yet.") {
      let now = Date().timeIntervalSince1970
      return readings().map { reading in
        let age = reading.oldestTimestampMs.map { max(0, now - Double($0) / 1000) } ?? 0
        return .init(age, labels: labels(reading.partition))
      }
    }
    metrics.gauges("collector_buffer_bytes", help: "Memory held by messages not in ClickHouse yet.") {
      [.init(Double(lanes.withLock { $0.bytes }))]
    }
    metrics.gauges("collector_buffer_limit_bytes", help: "Above this, reading pauses.") { [.init(Double(budget))] }
  }

  private static func labels(_ partition: TopicPartition) -> MetricsRegistry.Labels {
    ["topic": partition.topic, "partition": "\(partition.partition)"]
  }
}
