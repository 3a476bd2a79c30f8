import Blocking
import ClickHouse
import Collector
import EventSchema
import Kafka

/// Two shipped workers over eight partitions and a clock that jumps from event to event: four have a backlog that keeps
/// ClickHouse busy, two can never be written, one is quiet, one is idle.
final class FairnessSimulation {
  enum Plant {
    /// Who retries takes every worker.
    case retriesTakeAll
    /// A step that failed keeps its worker until its time has come.
    case workersWait
  }

  private static let (quiet, broken, backlog): (Int, [Int], [Int]) = (0, [1, 2], [3, 4, 5, 6])
  private static let origin = ContinuousClock.now
  /// The longest INSERT of a partition with a backlog.
  static let longestInsertMs = 800
  private static let flushIntervalMs = 600

  private let random: SharedGenerator
  private let lanes = Monitor(Lanes(keptChunks: 4))
  private var workers: [Worker] = []
  /// What each worker is at, and until when.
  private var tasks: [(job: WorkerJob, result: Worker.Result, endMs: Int)?] = [nil, nil]
  private let time = Time()
  private let plant: Plant?
  private var offsets = [Int64](repeating: 0, count: 8)
  /// When the quiet partition's oldest message came that is not in.
  private var waitingSinceMs: Int?
  private(set) var quietFlushes = 0
  private(set) var backlogFlushes = 0
  private(set) var worstMs = 0

  private final class Time { var ms = 0 }
  private final class SharedGenerator {
    var generator: SeededGenerator
    init(_ seed: UInt64) { generator = SeededGenerator(seed: seed) }
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  }

  private static func partition(_ number: Int) -> TopicPartition {
    TopicPartition(topic: "t", partition: Int32(number))
  }

  init(seed: UInt64, plant: Plant? = nil) {
    random = SharedGenerator(seed)
    self.plant = plant
    var configuration = CollectorConfiguration(
      kafka: KafkaConfiguration(brokers: "unused"), topics: [],
      clickHouse: try! ClickHouseConfiguration(url: "http://unused"), settings: EventSettings())
    configuration.flushRows = 50
    configuration.flushIntervalMs = Self.flushIntervalMs
    configuration.workers = plant == .retriesTakeAll ? 100 : 2
    configuration.retryLongestMs = 2_000
    let now = { [time] in Self.origin + .milliseconds(time.ms) }
    for _ in 0..<2 {
      workers.append(
        Worker(
          lanes: lanes, configuration: configuration, name: "w", encoder: OneBlockEncoder(),
          ledger: RangeLedger(ObligingStore(), insertTimeoutMs: 1),
          recovery: Recovery(ObligingRecoveryStore(), report: SilentReport()),
          inserter: BreakingInserter(broken: Self.broken),
          membership: ObligingMembership(), report: SilentReport(), window: 1_000, encodingOnly: false, now: now))
    }
    lanes.withLock { lanes in
      lanes.replaceAll(
        with: (0..<8).map { number in
          let machine = RangeMachine(
            partition: Self.partition(number), tail: nil, committed: nil, logEnd: 0, window: 1_000)
          return Lane(
            partition: Self.partition(number), assignment: lanes.takeAssignment(), machine: machine)
        })
    }
  }

  private func append(_ lane: Int, count: Int) {
    lanes.withLock { lanes in
      for _ in 0..<count {
        lanes.append(
          BorrowedMessage(
            partition: Int32(lane), offset: offsets[lane], timestampMs: 0,
            key: UnsafeRawBufferPointer(start: nil, count: 0), value: nil), to: lane,
          now: Self.origin + .milliseconds(time.ms))
        offsets[lane] += 1
      }
      if Self.backlog.contains(lane) { lanes.lanes[lane].logEnd = offsets[lane] + 1_000_000 }
    }
  }

  /// How long a step takes; of those that are repeated, some wait for a timeout.
  private func duration(_ job: WorkerJob, _ result: Worker.Result) -> Int {
    let number = Int(job.partition.partition)
    if case .failed = result {
      let isRetry = lanes.withLock { $0.lanes[number].state.isFailing }
      return isRetry && random.number(0...2) == 0
        ? random.number(1_000...30_000) : random.number(1...Self.longestInsertMs)
    }
    guard case .step(.insert) = job.task else { return random.number(1...4) }
    return Self.backlog.contains(number) ? random.number(300...Self.longestInsertMs) : random.number(5...20)
  }

  func run(seconds: Int) {
    for lane in Self.broken { append(lane, count: 10) }
    var nextMessageMs = 0
    while time.ms < seconds * 1_000 {
      for lane in Self.backlog where lanes.withLock({ $0.lanes[lane].messages < 60 }) { append(lane, count: 60) }
      if time.ms >= nextMessageMs {
        append(Self.quiet, count: 1)
        if waitingSinceMs == nil { waitingSinceMs = time.ms }
        nextMessageMs = time.ms + random.number(200...3_000)
      }
      for index in workers.indices { turn(index) }
      if let waitingSinceMs { worstMs = max(worstMs, time.ms - waitingSinceMs) }
      time.ms += 5
    }
  }

  private func turn(_ index: Int) {
    if let task = tasks[index] {
      guard time.ms >= task.endMs else { return }
      tasks[index] = nil
      if plant == .workersWait, case .failed = task.result {
        tasks[index] = (task.job, workers[index].perform(task.job), time.ms + random.number(100...2_000))
        return
      }
      note(task.job)
      if let next = workers[index].complete(task.job, task.result) { return begin(index, next) }
    }
    if let job = workers[index].takeJob() { begin(index, job) }
  }

  private func begin(_ index: Int, _ job: WorkerJob) {
    let result = workers[index].perform(job)
    tasks[index] = (job, result, time.ms + duration(job, result))
  }

  private func note(_ job: WorkerJob) {
    guard case .step(.finish(let intent)) = job.task else { return }
    let number = Int(job.partition.partition)
    if Self.backlog.contains(number) { backlogFlushes += 1 }
    guard number == Self.quiet else { return }
    quietFlushes += 1
    // What came while the range was being inserted waits since then, at the latest.
    waitingSinceMs = intent.range.to == offsets[number] ? nil : time.ms
  }
}

private final class OneBlockEncoder: RangeEncoder {
  let fingerprint: UInt64 = 1

  func encode(
    _ partition: TopicPartition, _ chunks: [MessageChunk], from cursor: inout MessageBuffer.Position, limit: Int,
    to: Int64?
  ) -> EncodedBlock? {
    var (count, first, end) = (0, Int64(-1), Int64(0))
    while cursor.chunk < chunks.count {
      while cursor.byte < chunks[cursor.chunk].used {
        let (message, next) = chunks[cursor.chunk].message(at: cursor.byte)
        if first < 0 { first = message.offset }
        end = message.offset + 1
        count += 1
        cursor.byte = next
      }
      if cursor.chunk + 1 == chunks.count { break }
      cursor = MessageBuffer.Position(chunk: cursor.chunk + 1, byte: 0)
    }
    guard count > 0 else { return nil }
    return EncodedBlock(
      offsets: OffsetRange(from: first, to: end), events: count, deadLetters: 0, skipped: 0, isWhole: false,
      occurredAtMs: 0...0, eventFrames: [], deadLetterFrames: [], eventsByType: [], deadByReason: [:], repeats: 0,
      messageBytes: count * 32, oldestTimestampMs: 0)
  }
}

private final class ObligingStore: LedgerStore {
  private static let run = Incarnation("the only one")
  private var rows: [TopicPartition: LedgerRow] = [:]

  func append(_ kind: LedgerRow.Kind, _ intent: RangeIntent) {
    rows[intent.partition] = LedgerRow(
      intent: intent, isMark: false, place: 0, createdMs: 0, expiresMs: .max, incarnation: Self.run)
  }

  func rows(of partition: TopicPartition, from: Int64?) -> (rows: [LedgerRow], server: LedgerServer) {
    (rows[partition].map { [$0] } ?? [], LedgerServer(nowMs: 0, incarnation: Self.run))
  }

  func partsWritten(after row: LedgerRow) -> UInt64 { 0 }
  func endInserts(of intent: RangeIntent) -> Int { 0 }
}

private final class ObligingRecoveryStore: RecoveryStore {
  func state() -> RecoveryState { .done(Incarnation("the only one")) }
  func claim(_ claim: RecoveryClaim) {}
  func endStatements() -> Int { 0 }
  func repairRollups(_ claim: RecoveryClaim) -> Int? { 0 }
  func finish(_ claim: RecoveryClaim, as incarnation: Incarnation) {}
}

private final class BreakingInserter: RangeInserter {
  private let broken: [Int]
  init(broken: [Int]) { self.broken = broken }

  func insert(_ range: BuiltRange, _ lease: Lease) throws(StepFailure) -> Bool {
    if broken.contains(Int(range.intent.partition.partition)) {
      throw .clickHouse(.server(code: 252, name: "TOO_MANY_PARTS", message: "for ever"))
    }
    return true
  }

  func reconcile(_ range: BuiltRange, _ lease: Lease, _ epochs: [ReconcileEpoch], window: UInt64) -> Bool { true }
}

private struct ObligingMembership: GroupMembership {
  func prove(_ partition: TopicPartition, at offset: Int64) {}
  func commit(_ partition: TopicPartition, end: Int64) {}
}
