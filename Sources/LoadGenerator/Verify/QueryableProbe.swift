import ClickHouse
import Kafka
import Synchronization

/// Watches, beside a run, when acknowledged events can be queried.
///
/// A sample of the acknowledged events is kept as marks. Again and again the highest queryable offset of each partition is
/// asked for, and every mark at or below it is done: partitions are written in the order of their offsets. The time taken is
/// that of the answer, so latencies are rounded up by as much as the pause between two questions.
package final class QueryableProbe: Sendable {
  package struct Mark: Sendable {
    let partition: TopicPartition
    let offset: Int64
    let intendedNs: Int64
    let ackedNs: Int64
  }

  package struct Result: Sendable {
    package var fromAck = LatencyHistogram()
    package var fromIntended = LatencyHistogram()
    /// Marks that did not fit.
    package var dropped = 0
  }

  private struct State {
    var waiting: [TopicPartition: [Mark]] = [:]
    var count = 0
    var result = Result()
    var isEnding = false
  }

  /// One acknowledged event in so many becomes a mark.
  package let stride: Int
  private static let marksAtMost = 500_000
  private static let pauseMs = 100
  private let state = Mutex(State())

  package init(stride: Int) { self.stride = max(1, stride) }

  package var result: Result { state.withLock { $0.result } }
  var waitingCount: Int { state.withLock { $0.count } }

  func add(_ marks: [Mark]) {
    state.withLock { state in
      for mark in marks {
        guard state.count < Self.marksAtMost else {
          state.result.dropped += 1
          continue
        }
        state.waiting[mark.partition, default: []].append(mark)
        state.count += 1
      }
    }
  }

  /// No more marks will come: `watch` returns when the last is done, or at once when `now`.
  package func end(now: Bool) {
    state.withLock { state in
      state.isEnding = true
      if now {
        state.waiting = [:]
        state.count = 0
      }
    }
  }

  /// Blocks until ended. Errors of ClickHouse are not this one's to report: it asks again.
  package func watch(_ configuration: ClickHouseConfiguration) {
    let connection = ClickHouseConnection(configuration)
    while true {
      let (isIdle, isOver) = state.withLock { ($0.count == 0, $0.isEnding && $0.count == 0) }
      if isOver { return }
      var pauseMs = Self.pauseMs
      if !isIdle {
        let startNs = Monotonic.now
        if let ends = Self.ends(connection) { settle(ends, atNs: Monotonic.now) }
        // The watching must not become the load.
        pauseMs = max(pauseMs, Int((Monotonic.now - startNs) / 1_000_000) * 4)
      }
      Pause.sleep(ms: pauseMs)
    }
  }

  private static func ends(_ connection: ClickHouseConnection) -> [TopicPartition: Int64]? {
    let sql = """
      SELECT toString(topic), kafka_partition, max(kafka_offset) FROM events
      WHERE ingested_at >= now() - 600 GROUP BY topic, kafka_partition FORMAT TabSeparated
      """
    guard let rows = try? connection.execute(sql).tabSeparated else { return nil }
    var ends: [TopicPartition: Int64] = [:]
    for row in rows where row.count == 3 {
      guard let partition = Int32(row[1]), let offset = Int64(row[2]) else { continue }
      ends[TopicPartition(topic: row[0], partition: partition)] = offset
    }
    return ends
  }

  private func settle(_ ends: [TopicPartition: Int64], atNs nowNs: Int64) {
    state.withLock { state in
      for (partition, end) in ends {
        guard let marks = state.waiting[partition], !marks.isEmpty else { continue }
        let done = marks.prefix { $0.offset <= end }
        for mark in done {
          state.result.fromAck.record(nanoseconds: nowNs - mark.ackedNs)
          state.result.fromIntended.record(nanoseconds: nowNs - mark.intendedNs)
        }
        state.count -= done.count
        state.waiting[partition] = Array(marks.dropFirst(done.count))
      }
    }
  }
}
