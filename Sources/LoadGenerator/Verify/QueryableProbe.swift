import Blocking
import ClickHouse
import Kafka
import Synchronization

/// Watches, beside a run, when acknowledged events can be queried.
///
/// A sample of the acknowledged events is kept as marks. Again and again the highest queryable offset of each partition is
/// asked for, and every mark at or below it is done: partitions are written in the order of their offsets. The time taken is
/// that of the answer, so latencies are rounded up by as much as a question and the pause before it.
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
  /// How long an answer is waited for after the end.
  private static let endingNs: Int64 = 10_000_000_000
  private let state = Mutex(State())

  package init(stride: Int) { self.stride = max(1, stride) }

  package var result: Result { state.withLock { $0.result } }

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

  /// Blocks until all marks are done, or the time is over, or the run is to stop.
  package func awaitDone(seconds: Double, stop: CancellationFlag) {
    let endNs = Monotonic.now + Int64(seconds * 1e9)
    while state.withLock({ $0.count > 0 }), Monotonic.now < endNs, !stop.isRaised {
      BlockingThread.sleep(.milliseconds(Self.pauseMs))
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
  package func watch(_ configuration: ClickHouseConfiguration, since parts: KnownParts) {
    let connection = ClickHouseConnection(configuration)
    var known = parts
    var lastNs: Int64?
    while true {
      let (isIdle, isEnding) = state.withLock { ($0.count == 0, $0.isEnding) }
      if isEnding, isIdle { return }
      let startNs = Monotonic.now
      let ends = isIdle ? nil : known.ends(connection)
      if let ends { settle(ends, atNs: Monotonic.now) }
      if isEnding {
        // What is verified is in the first answer from now on.
        let giveUpNs = lastNs ?? startNs + Self.endingNs
        lastNs = giveUpNs
        if ends != nil || startNs > giveUpNs { return }
      }
      // The watching must not become the load.
      BlockingThread.sleep(.milliseconds(max(Self.pauseMs, Int((Monotonic.now - startNs) / 1_000_000) * 2)))
    }
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
