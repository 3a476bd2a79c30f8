import Blocking
import ClickHouse
import EventSchema
import Foundation
import Kafka
import Telemetry

/// Kafka's events into ClickHouse, each exactly once in effect.
///
/// One thread polls Kafka and copies messages into lanes, one a partition. Workers take lanes whose time has come
/// through the steps of their `RangeMachine`. Memory is bounded by the lanes' budget: above it, reading pauses.
package final class Collector {
  private let configuration: CollectorConfiguration
  private let consumer: KafkaConsumer
  private let lanes: Monitor<Lanes>
  private let policy: FlushPolicy
  private let ledger: RangeLedger
  private let report: CollectorReport
  private let window: UInt64
  private let stop: CancellationFlag
  /// This process in the ledger.
  private let writer = UUID().uuidString.lowercased()

  private let repeats: RepeatCounter

  /// Partitions the group gave us, and those of them whose chains have not been read yet.
  private var assigned: [TopicPartition] = []
  private var awaiting: [TopicPartition] = []
  private var nextTakeOver = Date.distantPast
  private var takeOverAttempts = 0
  private var paused = false

  /// Connects to both ends and checks that the schema is what this version writes.
  /// - Throws: `CollectorFailure` with one sentence for the operator.
  package init(
    _ configuration: CollectorConfiguration, report: CollectorReport, metrics: MetricsRegistry, stop: CancellationFlag
  ) throws(CollectorFailure) {
    Allocator.keepLargeBlocks()
    self.configuration = configuration
    self.report = report
    self.stop = stop
    policy = FlushPolicy(configuration)
    repeats = RepeatCounter(events: configuration.repeatWindow)
    let connection = ClickHouseConnection(configuration.clickHouse)
    window = try StartUpCheck(connection, report: report, stop: stop).run(
      allowsUntried: configuration.allowsUntriedClickHouse)
    ledger = RangeLedger(connection, leaseMs: configuration.leaseMs)
    do {
      consumer = try KafkaConsumer(configuration.kafka, group: configuration.group)
      try consumer.subscribe(configuration.topics)
    } catch { throw CollectorFailure(description: "\(error)") }
    lanes = Monitor(Lanes(keptChunks: configuration.bufferBytes / 4 / MessageChunk.standardCapacity))
    LaneMetrics.register(in: metrics, lanes: lanes, budget: configuration.bufferBytes, consumer: consumer.ends)
  }

  /// Collects until told to stop, then flushes, commits and leaves the group. Blocks its thread.
  package func run() throws(CollectorFailure) {
    let workers = (0...configuration.workers).map { startWorker(encodingOnly: $0 == 0) }
    defer {
      lanes.withLock { $0.closed = true }
      lanes.notify()
      for worker in workers { worker.wait() }
      consumer.close()
    }
    while !stop.isRaised { try turn() }
    try drain()
  }

  private func startWorker(encodingOnly: Bool) -> DispatchSemaphore {
    let ended = DispatchSemaphore(value: 0)
    let (lanes, configuration, report, name, window, repeats) = (lanes, configuration, report, writer, window, repeats)
    let committer = consumer.committer
    let thread = Thread {
      // Connections and columns are made on the thread that uses them, and stay there.
      let connection = ClickHouseConnection(configuration.clickHouse)
      Worker(
        lanes: lanes, configuration: configuration, name: name,
        encoder: BlockEncoder(settings: configuration.settings, repeats: repeats),
        ledger: RangeLedger(connection, leaseMs: configuration.leaseMs),
        writer: RangeWriter(connection, insertTimeoutMs: configuration.insertTimeoutMs, report: report),
        committer: committer, report: report, window: window, encodingOnly: encodingOnly
      ).run()
      ended.signal()
    }
    thread.name = "collector-worker"
    thread.stackSize = 2 << 20
    thread.start()
    return ended
  }

  /// One round of the polling thread.
  private func turn() throws(CollectorFailure) {
    holdBack()
    if consumer.fetch(timeoutMs: paused ? 20 : 50) > 0 { takeMessages() }
    try hear()
    if lanes.withLock({ $0.takeOverWanted }) { takeOverAnew() }
    if !awaiting.isEmpty, Date() >= nextTakeOver { try takeOver() }
  }

  private func takeMessages() {
    let now = Date()
    let ends = consumer.ends
    let wake = lanes.withLock { state in
      var wake = false
      // Messages come in runs of one partition.
      var run: (topic: Int, partition: Int32, lane: Int?) = (-1, -1, nil)
      consumer.drain { topic, message in
        if topic != run.topic || message.partition != run.partition {
          let lane = state.lane(topic: topic, partition: message.partition, name: consumer.name(ofTopic:))
          run = (topic, message.partition, lane)
          if let lane {
            if state.lanes[lane].isEmpty { wake = true }
            state.lanes[lane].logEnd = ends.end(of: state.lanes[lane].partition) ?? 0
          }
        }
        if let lane = run.lane { state.append(message, to: lane, now: now) }
      }
      return wake || policy.isShort(state) || policy.isCrowded(state)
        || state.lanes.contains { policy.hasBlock($0) || policy.isLarge($0) }
    }
    if wake { lanes.notify() }
  }

  /// Waits a little for room; when there is none, pauses reading, so that polling keeps us in the group.
  private func holdBack() {
    let policy = policy
    if paused {
      guard lanes.withLock({ policy.hasRoom($0) }) else { return }
      consumer.resume(lanes.withLock { $0.lanes.map(\.partition) })
      paused = false
      report.resumed()
    } else if lanes.withLock({ policy.isFull($0) }) {
      let deadline = Date().addingTimeInterval(0.5)
      let full = lanes.wait { state in
        if !policy.isFull(state) { return .done(false) }
        return Date() >= deadline ? .done(true) : .until(deadline)
      }
      guard full else { return }
      consumer.pause(lanes.withLock { $0.lanes.map(\.partition) })
      paused = true
      report.paused()
    }
  }

  private func hear() throws(CollectorFailure) {
    let news = consumer.takeNews()
    for error in news.errors {
      report.broker(error)
      if error.isMisconfiguration { throw CollectorFailure(description: "\(error)") }
    }
    for change in news.changes {
      switch change {
      case .assigned(let partitions):
        assigned = partitions
        awaiting = partitions
        nextTakeOver = .distantPast
        takeOverAttempts = 0
        if partitions.isEmpty { report.assigned([]) }
      case .revoked(let partitions, let lost):
        assigned = []
        awaiting = []
        paused = false
        lanes.withLock { $0.replaceAll(with: []) }
        lanes.notify()
        report.revoked(partitions, lost: lost)
      }
    }
  }

  /// A lane was given up. Taking all over anew is rarely needed, and one way less to go wrong.
  private func takeOverAnew() {
    lanes.withLock { $0.replaceAll(with: []) }
    awaiting = assigned
    nextTakeOver = .distantPast
  }

  /// Reads where each new partition's chain ends, and begins to read messages there.
  private func takeOver() throws(CollectorFailure) {
    do {
      let committed = try kafka { () throws(KafkaError) in try consumer.committed(awaiting, timeoutMs: 5_000) }
      let now = try ledger.now()
      var new: [Lane] = []
      var offsets: [TopicPartition: Int64] = [:]
      for partition in awaiting {
        let ends = try kafka { () throws(KafkaError) in try consumer.watermarks(of: partition, timeoutMs: 5_000) }
        let tail = try ledger.tail(of: partition)
        var logEnd = ends.atLeast
        if let tail, tail.intent.range.to > logEnd {
          logEnd = try kafka { () throws(KafkaError) in try consumer.logEnd(of: partition, timeoutMs: 10_000) }
        }
        let machine = RangeMachine(
          partition: partition, tail: tail, committed: committed[partition], logEnd: logEnd, window: window)
        if case .halted(let why) = machine.state { throw CollectorFailure(description: why) }
        offsets[partition] = max(ends.low, machine.readFrom)
        new.append(
          Lane(partition: partition, tenure: lanes.withLock { $0.takeTenure() }, machine: machine, takenOverAtMs: now))
      }
      lanes.withLock { $0.replaceAll(with: new) }
      try kafka { () throws(KafkaError) in try consumer.assign(offsets) }
      // A partition that was ours before may still be paused.
      consumer.resume(awaiting)
      report.assigned(awaiting)
      awaiting = []
    } catch let obstacle as Obstacle {
      takeOverAttempts += 1
      report.failed(awaiting[0], obstacle.cause)
      if case .clickHouse(let error) = obstacle, error.disposition == .misconfiguration {
        throw CollectorFailure(description: "\(error)")
      }
      let waitMs = min(configuration.retryLongestMs / 4, configuration.retryFirstMs << min(takeOverAttempts, 10))
      nextTakeOver = Date().addingTimeInterval(Double(waitMs) / 1000)
    } catch let failure as CollectorFailure {
      throw failure
    } catch { throw CollectorFailure(description: "\(error)") }
  }

  private func kafka<Result>(_ body: () throws(KafkaError) -> Result) throws(Obstacle) -> Result {
    do { return try body() } catch { throw .kafka(error) }
  }

  /// Flushes all that was read, within the deadline, while polling keeps the group's faith.
  private func drain() throws(CollectorFailure) {
    report.stopping()
    consumer.pause(lanes.withLock { $0.lanes.map(\.partition) })
    lanes.withLock { $0.draining = true }
    lanes.notify()
    let deadline = Date().addingTimeInterval(Double(configuration.stopDeadlineMs) / 1000)
    while Date() < deadline, lanes.withLock({ $0.hasWork }) {
      if consumer.fetch(timeoutMs: 20) > 0 { consumer.drain { _, _ in } }
      try hear()
    }
    let (done, left) = lanes.withLock { ($0.finishedOffsets, $0.lanes.reduce(0) { $0 + $1.buffer.messages }) }
    if !done.isEmpty { try? consumer.committer.commit(done, wait: true) }
    report.stopped(left: left)
  }
}

/// Why a collector cannot work, in one sentence for the operator.
package struct CollectorFailure: Error, CustomStringConvertible, Sendable {
  package let description: String

  package init(description: String) { self.description = description }
}
