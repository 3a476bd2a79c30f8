import Blocking
import EventSchema
import Kafka

/// Sends a source's messages and follows each until the broker's word on it.
///
/// The first message goes alone, and the run's clock starts when there is word of it: until then the producer makes its
/// connections. With a rate the run is an open loop from there: message `n` is due at `start + n / rate`, whatever became of those before it, and its
/// latency counts from then. So a broker that stalls shows as latency, not as a pause in the measurement. One thread does
/// everything; memory is bounded by the slots for messages in flight.
package final class LoadRun {
  package struct Options: Sendable {
    /// Messages a second; nil for as fast as possible.
    package var rate: Double?
    /// How long to wait for word of the first message before the others are sent.
    package var leadSeconds = 10.0
    /// How long to wait for the broker after the last message.
    package var drainSeconds = 60.0
    package var progressEverySeconds = 1.0

    package init() {}
  }

  /// What came of it.
  package struct Outcome: Sendable {
    package var ledger: DeliveryLedger
    package var sent = 0
    package var acked = 0
    /// Acknowledgements without an offset: the broker says that it has the batch of a retry already, not where. Only the
    /// first of the batch's messages shows it.
    package var ackedWithoutOffset = 0
    /// Refused by the broker or by librdkafka, and why, by the error's name.
    package var failed = 0
    package var failures: [String: Int] = [:]
    /// No word on them in time: they may or may not be there.
    package var unknown = 0
    package var bytes = 0
    package var seconds = 0.0
    package var ackLatency = LatencyHistogram()
    package var wasStopped = false
  }

  private let source: any MessageSource
  private let producer: KafkaProducer
  private let options: Options
  private let probe: QueryableProbe?
  private var inFlight = InFlight(slots: 200_000)
  private var outcome: Outcome
  private var openRuns: [OpenRun] = []
  private var marks: [QueryableProbe.Mark] = []
  private var reported = 0

  /// A run of acknowledged offsets that is still growing.
  private struct OpenRun {
    let topic: UInt8
    let partition: Int32
    var first: Int64
    var last: Int64
  }

  package init(source: any MessageSource, producer: KafkaProducer, options: Options, probe: QueryableProbe?) {
    self.source = source
    self.producer = producer
    self.options = options
    self.probe = probe
    outcome = Outcome(ledger: DeliveryLedger())
  }

  /// Sends everything. An error of the source ends the run after what was sent before is settled, and is thrown then.
  package func run(stop: CancellationFlag, progress: (LoadProgress) -> Void) -> (outcome: Outcome, error: (any Error)?)
  {
    var pending: Outgoing?
    var isDone = false
    var sourceError: (any Error)?
    do { pending = try lead(stop: stop) } catch { sourceError = error }
    let startNs = Monotonic.now
    let intervalNs = options.rate.map { 1e9 / $0 }
    var nextProgressNs = startNs + Int64(options.progressEverySeconds * 1e9)
    var ackedBefore = 0

    while !isDone, sourceError == nil, !stop.isRaised {
      let nowNs = Monotonic.now
      let due = intervalNs.map { Int(Double(nowNs - startNs) / $0) + 1 } ?? Int.max
      var burst = 0
      while outcome.sent < due, burst < 512, !inFlight.isFull {
        if pending == nil {
          do { pending = try source.next() } catch { sourceError = error }
        }
        guard let message = pending else {
          isDone = true
          break
        }
        let intendedNs = intervalNs.map { startNs + Int64(Double(outcome.sent) * $0) } ?? nowNs
        guard send(message, intendedNs: intendedNs) else { break }
        pending = nil
        burst += 1
      }
      let isWaiting = burst == 0 && !isDone
      serve(timeoutMs: isWaiting ? 1 : 0)
      if nowNs >= nextProgressNs {
        let behind = intervalNs.map { max(0, Double(nowNs - startNs) - Double(outcome.sent) * $0) / 1e9 } ?? 0
        report(progress, startNs: startNs, sinceAcked: &ackedBefore, behind: behind)
        nextProgressNs = nowNs + Int64(options.progressEverySeconds * 1e9)
      }
    }
    outcome.wasStopped = stop.isRaised && !isDone
    drain(nextProgressNs: &nextProgressNs) {
      self.report(progress, startNs: startNs, sinceAcked: &ackedBefore, behind: 0)
    }
    closeRuns()
    outcome.unknown = inFlight.count
    outcome.seconds = Double(Monotonic.now - startNs) / 1e9
    return (outcome, sourceError)
  }

  /// Sends the first message and waits for word of it; returns it when it could not be sent.
  private func lead(stop: CancellationFlag) throws -> Outgoing? {
    guard let message = try source.next() else { return nil }
    let nowNs = Monotonic.now
    guard send(message, intendedNs: nowNs) else { return message }
    let deadline = nowNs + Int64(options.leadSeconds * 1e9)
    while inFlight.count > 0, Monotonic.now < deadline, !stop.isRaised { serve(timeoutMs: 20) }
    return nil
  }

  /// Hands one message to librdkafka; false when its queue is full.
  private func send(_ message: Outgoing, intendedNs: Int64) -> Bool {
    let topic = message.topic
    let token = inFlight.put(
      InFlight.Entry(
        intendedNs: intendedNs, occurredAtMs: message.occurredAtMs, digest: message.digest,
        fate: UInt8(message.fate.index), topic: UInt8(Self.topics.firstIndex(of: topic) ?? 0)))
    do throws(KafkaError) {
      try producer.send(topic: topic.name, key: message.key, value: message.value, token: token)
      outcome.bytes += message.value.count + (message.key?.count ?? 0)
    } catch {
      _ = inFlight.take(token)
      if error.isQueueFull { return false }
      outcome.failed += 1
      outcome.failures[error.name, default: 0] += 1
    }
    outcome.sent += 1
    return true
  }

  private func serve(timeoutMs: Int32) {
    let served = producer.poll(timeoutMs: timeoutMs) { self.settle($0) }
    guard served > 0 else { return }
    closeRuns()
    if let probe, !marks.isEmpty {
      probe.add(marks)
      marks.removeAll(keepingCapacity: true)
    }
  }

  private func settle(_ report: DeliveryReport) {
    let entry = inFlight.take(report.token)
    if let error = report.error {
      outcome.failed += 1
      outcome.failures[error.name, default: 0] += 1
      return
    }
    let nowNs = Monotonic.now
    outcome.acked += 1
    if report.offset < 0 { outcome.ackedWithoutOffset += 1 }
    outcome.ackLatency.record(nanoseconds: nowNs - entry.intendedNs)
    let isEvent = Int(entry.fate) < EventType.allCases.count
    outcome.ledger.note(
      fateIndex: Int(entry.fate), isEvent: isEvent, digest: entry.digest, occurredAtMs: entry.occurredAtMs,
      partition: report.partition, offset: report.offset)
    extendRun(entry.topic, report.partition, report.offset)
    if isEvent, let probe, outcome.acked % probe.stride == 0 {
      marks.append(
        .init(
          partition: TopicPartition(topic: Self.topics[Int(entry.topic)].name, partition: report.partition),
          offset: report.offset, intendedNs: entry.intendedNs, ackedNs: nowNs))
    }
  }

  private func extendRun(_ topic: UInt8, _ partition: Int32, _ offset: Int64) {
    if let last = openRuns.indices.last, openRuns[last].topic == topic, openRuns[last].partition == partition,
      openRuns[last].last + 1 == offset
    {
      openRuns[last].last = offset
      return
    }
    openRuns.append(OpenRun(topic: topic, partition: partition, first: offset, last: offset))
    if openRuns.count >= 64 { closeRuns() }
  }

  private func closeRuns() {
    for run in openRuns {
      outcome.ledger.add(
        run.first...run.last,
        of: TopicPartition(topic: Self.topics[Int(run.topic)].name, partition: run.partition))
    }
    openRuns.removeAll(keepingCapacity: true)
  }

  private func drain(nextProgressNs: inout Int64, report: () -> Void) {
    let deadline = Monotonic.now + Int64(options.drainSeconds * 1e9)
    while inFlight.count > 0, Monotonic.now < deadline {
      serve(timeoutMs: 50)
      if Monotonic.now >= nextProgressNs {
        report()
        nextProgressNs = Monotonic.now + Int64(options.progressEverySeconds * 1e9)
      }
    }
    report()
  }

  private func report(_ progress: (LoadProgress) -> Void, startNs: Int64, sinceAcked: inout Int, behind: Double) {
    progress(
      LoadProgress(
        sent: outcome.sent, acked: outcome.acked, failed: outcome.failed, total: source.total,
        seconds: Double(Monotonic.now - startNs) / 1e9,
        recentRate: Double(outcome.acked - sinceAcked) / options.progressEverySeconds, behindSeconds: behind))
    sinceAcked = outcome.acked
  }

  private static let topics = Topic.allCases
}
