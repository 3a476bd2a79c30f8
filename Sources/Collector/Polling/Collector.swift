import Blocking
import ClickHouse
import EventSchema
import Foundation
import Kafka
import Telemetry

/// Kafka's events into ClickHouse, each exactly once in effect.
///
/// One thread polls Kafka and copies messages into lanes, one a partition. Workers take lanes whose time has come
/// through the steps of their `RangeMachine`. Memory is bounded by the lanes' budget: above it, reading pauses. Every
/// deadline is on the continuous clock; the wall clock may jump as it likes.
package final class Collector {
  private let configuration: CollectorConfiguration
  let consumer: KafkaConsumer
  let lanes: Monitor<Lanes>
  private let policy: FlushPolicy
  let ledger: RangeLedger
  let report: CollectorReport
  let window: UInt64
  private let retry: RetryPolicy
  private let stop: CancellationFlag
  /// Ends what the workers wait for.
  private let ending = CancellationFlag()
  /// This process in the ledger.
  private let writer = ClickHouseUUID.random().description
  private let repeats: RepeatCounter

  /// Partitions the group gave us, and those of them whose chains have not been read yet.
  private var assigned: [TopicPartition] = []
  var awaiting: [TopicPartition] = []
  private var nextTakeOver = ContinuousClock.now
  private var takeOverFailures = 0
  private var paused = false
  /// Since when the group has not told what is ours, and when that is said again; nil once it has.
  private var unassigned: (since: ContinuousClock.Instant, reminder: ContinuousClock.Instant)? = Collector.waiting()
  private var nextGapCheck = ContinuousClock.now
  /// Up to where losses have been told.
  var lostUpTo: [TopicPartition: Int64] = [:]

  private static let gapCheckInterval = Duration.seconds(10)
  private static let reminderInterval = Duration.seconds(60)
  /// How long workers have, once told to end at once.
  private static let endingGrace = Duration.seconds(2)

  /// Connects to both ends and checks that the schema is what this version writes.
  /// - Parameter stop: raised to flush, commit and end, within the deadline.
  /// - Throws: `CollectorFailure` with one sentence for the operator.
  package init(
    _ configuration: CollectorConfiguration, report: CollectorReport, metrics: MetricsRegistry, stop: CancellationFlag
  ) throws(CollectorFailure) {
    if let conflict = CollectorLimits.conflict(configuration) { throw CollectorFailure(description: conflict) }
    Allocator.keepLargeBlocks()
    self.configuration = configuration
    self.report = report
    self.stop = stop
    policy = FlushPolicy(configuration)
    retry = RetryPolicy(
      first: .milliseconds(configuration.retryFirstMs), longest: .milliseconds(configuration.retryLongestMs))
    repeats = RepeatCounter(events: configuration.repeatWindow)
    let connection = ClickHouseConnection(configuration.clickHouse)
    window = try StartUpCheck(connection, report: report, stop: stop).run(
      allowsUntried: configuration.allowsUntriedClickHouse)
    report.checked()
    connection.cancellation = ending
    ledger = Self.ledger(connection, configuration)
    do {
      consumer = try KafkaConsumer(configuration.kafka, group: configuration.group)
      try consumer.subscribe(configuration.topics)
    } catch { throw CollectorFailure(description: "\(error)") }
    lanes = Monitor(Lanes(keptChunks: configuration.bufferBytes / 4 / MessageChunk.standardCapacity))
    LaneMetrics.register(in: metrics, lanes: lanes, budget: configuration.bufferBytes, consumer: consumer.ends)
  }

  private static func ledger(
    _ connection: ClickHouseConnection, _ configuration: CollectorConfiguration
  ) -> RangeLedger {
    RangeLedger(
      ClickHouseLedgerStore(
        connection, leaseMs: configuration.leaseMs, insertTimeoutMs: configuration.insertTimeoutMs),
      insertTimeoutMs: configuration.insertTimeoutMs)
  }

  /// Collects until told to stop, then flushes and commits. Blocks its thread.
  package func run() throws(CollectorFailure) {
    let workers = (0...configuration.workers).map { startWorker(encodingOnly: $0 == 0) }
    defer { end(workers) }
    while !stop.isRaised { try turn() }
    try drain()
  }

  /// Ends the workers, whatever they wait for.
  private func end(_ workers: [BlockingThread]) {
    lanes.withLock { $0.closed = true }
    lanes.notify()
    ending.raise()
    let deadline = ContinuousClock.now + Self.endingGrace
    // One that waits for Kafka cannot be ended; the process is about to.
    for worker in workers { _ = worker.join(within: max(.zero, deadline - .now)) }
  }

  private static func waiting() -> (since: ContinuousClock.Instant, reminder: ContinuousClock.Instant) {
    let now = ContinuousClock.now
    return (now, now + reminderInterval)
  }

  private func startWorker(encodingOnly: Bool) -> BlockingThread {
    let (lanes, configuration, report, name, window, repeats) = (lanes, configuration, report, writer, window, repeats)
    let (ending, membership) = (ending, ConsumerMembership(committer: consumer.committer))
    return BlockingThread("collector-worker") {
      // Connections and columns are made on the thread that uses them, and stay there.
      let connection = ClickHouseConnection(configuration.clickHouse)
      connection.cancellation = ending
      Worker(
        lanes: lanes, configuration: configuration, name: name,
        encoder: BlockEncoder(settings: configuration.settings, repeats: repeats),
        ledger: Self.ledger(connection, configuration),
        recovery: Recovery(ClickHouseRecoveryStore(connection), report: report),
        inserter: RangeWriter(connection, insertTimeoutMs: configuration.insertTimeoutMs, report: report),
        membership: membership, report: report, window: window, encodingOnly: encodingOnly
      ).run()
    }
  }

  /// One round of the polling thread.
  private func turn() throws(CollectorFailure) {
    holdBack()
    if consumer.fetch(timeoutMs: paused ? 20 : 50) > 0 { takeMessages() }
    try takeGroupEvents()
    if lanes.withLock({ $0.takeOverWanted }) { takeOverAnew() }
    let now = ContinuousClock.now
    if !awaiting.isEmpty, now >= nextTakeOver { try takeOverAwaiting() }
    if let waiting = unassigned, now >= waiting.reminder {
      unassigned?.reminder = now + Self.reminderInterval
      report.unassigned(for: now - waiting.since)
    }
    if now >= nextGapCheck {
      nextGapCheck = now + Self.gapCheckInterval
      checkGaps()
    }
  }

  private func takeMessages() {
    let now = ContinuousClock.now
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
      return wake || policy.isShort(state) || state.lanes.contains { policy.hasBlock($0) || policy.isLarge($0) }
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
      let deadline = ContinuousClock.now + .milliseconds(500)
      let full = lanes.wait { state in
        if !policy.isFull(state) { return .done(false) }
        return .now >= deadline ? .done(true) : .until(deadline)
      }
      guard full else { return }
      consumer.pause(lanes.withLock { $0.lanes.map(\.partition) })
      paused = true
      report.paused()
    }
  }

  /// Takes in what the group and the brokers have said.
  private func takeGroupEvents() throws(CollectorFailure) {
    let events = consumer.takeEvents()
    for error in events.errors {
      report.broker(error)
      if error.isMisconfiguration { throw CollectorFailure(description: "\(error)") }
    }
    for change in events.changes {
      switch change {
      case .assigned(let partitions):
        assigned = partitions
        awaiting = partitions
        unassigned = nil
        nextTakeOver = .now
        takeOverFailures = 0
        if partitions.isEmpty { report.assigned([]) }
      case .revoked(let partitions, let lost):
        assigned = []
        awaiting = []
        unassigned = Self.waiting()
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
    nextTakeOver = .now
  }

  private func takeOverAwaiting() throws(CollectorFailure) {
    do {
      try takeOver()
    } catch let failure as StepFailure {
      takeOverFailures += 1
      report.failed(awaiting[0], failure.cause)
      if case .clickHouse(let error) = failure, error.disposition == .misconfiguration {
        throw CollectorFailure(description: "\(error)")
      }
      nextTakeOver = .now + min(.milliseconds(2_500), retry.delay(afterFailures: takeOverFailures))
    } catch let failure as CollectorFailure {
      throw failure
    } catch { throw CollectorFailure(description: "\(error)") }
  }

  /// Flushes all that was read, within the deadline, while polling keeps us in the group.
  private func drain() throws(CollectorFailure) {
    report.stopping()
    consumer.pause(lanes.withLock { $0.lanes.map(\.partition) })
    lanes.withLock { $0.draining = true }
    lanes.notify()
    let deadline = ContinuousClock.now + .milliseconds(configuration.stopDeadlineMs)
    while .now < deadline, lanes.withLock({ $0.hasWork }) {
      if consumer.fetch(timeoutMs: 20) > 0 { consumer.drain { _, _ in } }
      try takeGroupEvents()
    }
    let (done, left) = lanes.withLock { ($0.finishedOffsets, $0.lanes.reduce(0) { $0 + $1.messages }) }
    if !done.isEmpty { try? consumer.committer.commit(done, wait: true) }
    report.stopped(left: left)
  }
}
