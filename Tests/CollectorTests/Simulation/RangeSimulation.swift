import Blocking
import ClickHouse
import Collector
import EventSchema
import Kafka

/// A collector: the worker that ships, over a simulated world.
///
/// `@unchecked`: confined to the simulation's one thread; the worker's ports ask for more.
final class SimulatedOwner: @unchecked Sendable {
  let name: String
  let leaseMs: Int64
  let insertMs: Int64
  let lanes = Monitor(Lanes(keptChunks: 0))
  fileprivate(set) var worker: Worker!
  /// A step that is to be done next by the worker that has the lane.
  fileprivate var job: WorkerJob?
  /// Messages handed over by Kafka: all before this index of the log.
  fileprivate var readTo = 0
  fileprivate var asleep = false
  /// In the middle of a step.
  fileprivate var isActing = false

  init(name: String, leaseMs: Int64, insertMs: Int64) {
    self.name = name
    self.leaseMs = leaseMs
    self.insertMs = insertMs
  }
}

/// One partition, some collectors that come, sleep, wake and die, and one ClickHouse; run from a seed.
///
/// `@unchecked`: as its owners are.
final class RangeSimulation: @unchecked Sendable {
  struct Flaw: Error, CustomStringConvertible { let description: String }

  /// What may happen besides crashes, sleepers, lost messages and takeovers; drawn from the seed.
  struct Hazards {
    /// The server dies: between table and view in either order, between two blocks, between a token and its part.
    let deaths: Bool
    /// Its memory of the run is lost, and nothing else: what is under way goes on.
    let forgottenRuns: Bool
    /// The deduplication window is short, and other partitions fill it.
    let shortWindow: Bool
    /// Some owners are of another version, whose rows and blocks are not to be mixed under one token.
    let upgrades: Bool
    /// The server's clock is set forward.
    let clockSteps: Bool
    /// Kafka deletes messages that nobody has read.
    let retention: Bool
    /// Somebody moves the group's offset forward.
    let movedOffsets: Bool
    /// A statement stalls after it began.
    let stalls: Bool

    init(_ random: inout SeededGenerator) {
      let kind = Int.random(in: 0..<4, using: &random)
      shortWindow = kind == 0
      deaths = Int.random(in: 0..<5, using: &random) != 0
      forgottenRuns = Int.random(in: 0..<3, using: &random) == 0
      upgrades = kind == 1 || kind == 2
      clockSteps = Int.random(in: 0..<3, using: &random) == 0
      retention = Int.random(in: 0..<4, using: &random) == 0
      movedOffsets = Int.random(in: 0..<3, using: &random) == 0
      // What is left half in for longer than the window, and no start of the server, leaves the view short (docs/delivery.md,
      // Reconciling).
      stalls = Bool.random(using: &random) && !shortWindow
    }
  }

  private static let partition = TopicPartition(topic: "t", partition: 0)
  private static let origin = ContinuousClock.now

  var random: SeededGenerator
  let planted: PlantedFault?
  private let hazards: Hazards
  let server: SimulatedClickHouse
  /// Offsets with holes; a message is a tombstone, a dead letter or an event by its offset alone.
  private let log: [Int64]
  /// The lowest offset that Kafka still has.
  private var logStart: Int64 = 0
  private var owners: [SimulatedOwner] = []
  private(set) var member: SimulatedOwner?
  var committed: Int64?
  private var elapsedMs: Int64 = 0
  /// Statements on their way, which the server has not seen yet.
  private var inFlight: [(begin: () -> SimulatedClickHouse.Process?, latestMs: Int64)] = []
  private var names = 0
  private var depth = 0
  private var isCalm = false
  private(set) var faults = 0

  init(seed: UInt64, planted: PlantedFault? = nil) {
    var seeded = SeededGenerator(seed: seed)
    var offset = Int64.random(in: 0...3, using: &seeded)
    log = (0..<Int.random(in: 1...40, using: &seeded)).map { _ in
      defer { offset += Bool.random(using: &seeded) ? 1 : Int64.random(in: 1...4, using: &seeded) }
      return offset
    }
    hazards = Hazards(&seeded)
    server = SimulatedClickHouse(
      window: hazards.shortWindow ? 24 : 4096, joinsBlocks: Bool.random(using: &seeded))
    random = seeded
    self.planted = planted
  }

  enum Kind { case event, dead, tombstone }
  static func kind(_ offset: Int64) -> Kind { offset % 7 == 3 ? .dead : offset % 11 == 5 ? .tombstone : .event }

  /// Once in `sides`, while there are faults.
  func chance(_ sides: Int) -> Bool {
    guard !isCalm, Int.random(in: 0..<sides, using: &random) == 0 else { return false }
    faults += 1
    return true
  }

  // MARK: - Collectors

  private static let configuration: CollectorConfiguration = {
    var configuration = CollectorConfiguration(
      kafka: KafkaConfiguration(brokers: "unused"), topics: [],
      clickHouse: try! ClickHouseConfiguration(url: "http://unused"), settings: EventSettings())
    configuration.flushRows = 14
    return configuration
  }()

  private var window: UInt64 { UInt64(server.window / 2) }

  private func takeOver() {
    names += 1
    // Versions may be set to other leases.
    let leases: [Int64] = [20_000, 45_000, 20_000]
    let owner = SimulatedOwner(name: "w\(names)", leaseMs: leases[names % 3], insertMs: 10_000)
    let ledger = RangeLedger(SimulatedStore(self, owner), insertTimeoutMs: owner.insertMs)
    let version = hazards.upgrades ? UInt64(names % 3) + 1 : 1
    owner.worker = Worker(
      lanes: owner.lanes, configuration: Self.configuration, name: owner.name,
      encoder: SimulatedEncoder(self, version: version), ledger: ledger,
      recovery: Recovery(SimulatedRecoveryStore(self, owner), report: SilentReport(), name: owner.name),
      inserter: SimulatedInserter(self, owner), membership: SimulatedMembership(world: self, owner: owner),
      report: SilentReport(), window: window, encodingOnly: false,
      now: { [unowned self] in Self.origin + .milliseconds(elapsedMs) })
    owners.append(owner)
    member = owner
    readChain(owner)
  }

  /// Ends collectors. Their workers hold this world and themselves.
  private func end(_ which: (SimulatedOwner) -> Bool) {
    for owner in owners where which(owner) { owner.worker = nil }
    owners.removeAll(where: which)
  }

  /// Reads where the chain ends, and begins to read messages there, as the polling thread does.
  private func readChain(_ owner: SimulatedOwner) {
    let rows = server.rows(from: nil)
    let first = planted == .lastClaimWins ? rows.last : rows.first
    let tail = first.map {
      LedgerEntry(
        intent: $0.intent, partsSince: planted == .partsNotCounted ? 0 : server.partsWritten(after: $0.place),
        marked: rows.contains(where: \.isMark),
        isCurrent: planted == .tokensOutliveRuns || server.incarnation != nil && $0.incarnation == server.incarnation)
    }
    var committed = committed
    if planted == .movedOffsetBelieved, let end = tail?.intent.range.to, committed ?? 0 > end { committed = end }
    let machine = RangeMachine(
      partition: Self.partition, tail: tail, committed: committed, logEnd: log[log.count - 1] + 1, window: window)
    let from = max(logStart, machine.readFrom)
    owner.readTo = log.firstIndex { $0 >= from } ?? log.count
    owner.job = nil
    owner.lanes.withLock { lanes in
      let lane = Lane(
        partition: Self.partition, assignment: lanes.takeAssignment(), machine: machine, logStart: logStart)
      lanes.replaceAll(with: [lane])
    }
  }

  /// Lets one owner go on: read some messages, do one task.
  private func act(_ owner: SimulatedOwner) {
    guard !owner.isActing else { return }
    owner.isActing = true
    defer { owner.isActing = false }
    if owner.lanes.withLock({ $0.takeOverWanted }) {
      guard member === owner else { return }
      readChain(owner)
    }
    if owner.readTo < log.count, isCalm || Bool.random(using: &random) {
      read(owner, count: isCalm ? .max : Int.random(in: 1...6, using: &random))
    }
    guard let job = owner.job ?? owner.worker.takeJob() else { return }
    owner.job = owner.worker.complete(job, owner.worker.perform(job))
  }

  private func read(_ owner: SimulatedOwner, count: Int) {
    let end = min(log.count, owner.readTo + min(count, log.count))
    let now = Self.origin + .milliseconds(elapsedMs)
    owner.lanes.withLock { lanes in
      for offset in log[owner.readTo..<end] where offset >= logStart {
        lanes.append(
          BorrowedMessage(
            partition: 0, offset: offset, timestampMs: 0, key: UnsafeRawBufferPointer(start: nil, count: 0), value: nil),
          to: 0, now: now)
      }
    }
    owner.readTo = end
  }

  // MARK: - The world

  /// Sends an INSERT of a range.
  /// - Returns: whether the server took it up. Throws when the outcome stays unknown.
  func send(_ insert: SimulatedClickHouse.Insert) throws(StepFailure) -> Bool {
    try send { [server] in server.begin(insert) }
  }

  /// Sends a statement, which may be lost, or come late.
  func send(_ begin: @escaping () -> SimulatedClickHouse.Process?) throws(StepFailure) -> Bool {
    if chance(8) {
      // Cut on the way. It may yet begin, as long as its conditions let it.
      if Bool.random(using: &random) {
        inFlight.append((begin, server.nowMs + Int64.random(in: 0...80_000, using: &random)))
      }
      throw .clickHouse(.interrupted("request lost"))
    }
    guard var process = begin() else { return false }
    if hazards.deaths, chance(10) {
      if Bool.random(using: &random) { process.putViewsFirst() }
      for _ in 0..<Int.random(in: 0...max(0, process.steps - 1), using: &random) { _ = server.step(&process) }
      server.restart(between: Bool.random(using: &random) ? process : server.processes.randomElement(using: &random))
      throw .clickHouse(.interrupted("server gone"))
    }
    if hazards.stalls, chance(10) {
      server.processes.append(process)
      throw .clickHouse(.interrupted("timed out"))
    }
    while !server.step(&process) {}
    if chance(10) { throw .clickHouse(.interrupted("reply lost")) }
    return true
  }

  /// What happens while an owner waits in the middle of a step: time goes by, others go on.
  func interlude(_ owner: SimulatedOwner) {
    guard !isCalm, depth < 2, Int.random(in: 0..<10, using: &random) == 0 else { return }
    depth += 1
    defer { depth -= 1 }
    pass(Int64.random(in: 0...30_000, using: &random))
    for _ in 0..<Int.random(in: 0...12, using: &random) { happen() }
  }

  private func pass(_ milliseconds: Int64) {
    server.nowMs += milliseconds
    elapsedMs += milliseconds
    land()
  }

  /// Statements that were on their way arrive; those that stalled go on, or end.
  private func land() {
    for index in inFlight.indices.reversed() where inFlight[index].latestMs <= server.nowMs {
      let entry = inFlight.remove(at: index)
      guard var process = entry.begin() else { continue }
      if hazards.stalls, !isCalm, Bool.random(using: &random) {
        server.processes.append(process)
      } else {
        while !server.step(&process) {}
      }
    }
    for index in server.processes.indices.reversed() {
      switch Int.random(in: 0..<8, using: &random) {
      case 0:
        // It is through with the commit that it hung in; one that was killed ends there.
        let ended = server.step(&server.processes[index])
        if ended || server.processes[index].isKilled { server.processes.remove(at: index) }
      case 1:
        if server.processes[index].isKilled { server.processes.remove(at: index) }
      default: break
      }
    }
  }

  private func happen() {
    pass(Int64.random(in: 0...2_000, using: &random))
    switch Int.random(in: 0..<24, using: &random) {
    case 0:
      // Killed, or a rebalance: the next owner comes, the old one may go on as a zombie.
      faults += 1
      if Bool.random(using: &random) { end { !$0.isActing } }
      if owners.count > 3, let idle = owners.first(where: { !$0.isActing }) { end { $0 === idle } }
      takeOver()
    case 1:
      faults += 1
      owners.randomElement(using: &random)?.asleep = true
    case 2:
      for owner in owners where Bool.random(using: &random) { owner.asleep = false }
    case 3:
      // The broker forgets an asynchronous commit, or all.
      let end = log[log.count - 1] + 1
      if Bool.random(using: &random) { committed = committed.flatMap { $0 > end ? nil : $0 / 2 } }
    case 4 where hazards.clockSteps:
      faults += 1
      server.nowMs += Int64.random(in: 0...100_000, using: &random)
    case 5 where hazards.retention && chance(4):
      // Never the newest message: without one nobody knows that the rest is gone.
      logStart = max(logStart, log[Int.random(in: 0..<log.count, using: &random)])
    case 6 where hazards.movedOffsets && chance(3):
      // Beyond all ends: one that is moved to the very end of a range cannot be told from the range's own.
      committed = log[log.count - 1] + 1 + Int64.random(in: 1...20, using: &random)
    case 10 where hazards.deaths && chance(4):
      server.restart(between: server.processes.randomElement(using: &random))
    case 11 where hazards.forgottenRuns && chance(4):
      server.forgetRun()
    case 7...9 where hazards.shortWindow && depth == 0:
      // Others write less than half a window in the time of a lease and an INSERT: what the collector counts on.
      pass(60_000)
      server.writeElsewhere(parts: Int.random(in: 1..<server.window / 2, using: &random))
    default:
      if let owner = owners.filter({ !$0.asleep }).randomElement(using: &random) { act(owner) }
    }
  }

  // MARK: - The run

  func run() throws(Flaw) {
    defer { end { _ in true } }
    takeOver()
    for _ in 0..<Int.random(in: 20...160, using: &random) {
      happen()
      try check(final: false)
    }
    try settle()
  }

  /// Faults end: zombies wake and do what they can, then one owner finishes the log.
  private func settle() throws(Flaw) {
    for owner in owners { owner.asleep = false }
    isCalm = true
    takeOver()
    let last = owners[owners.count - 1]
    let end = log[log.count - 1] + 1
    for round in 0..<3_000 {
      pass(200)
      for owner in owners where owner === last || round % 2 == 0 { act(owner) }
      if round > 60, inFlight.isEmpty, server.processes.isEmpty, state(last) == .filling(from: end) { break }
    }
    guard state(last) == .filling(from: end) else {
      throw Flaw(description: "stuck in \(state(last)), log ends at \(end)")
    }
    for owner in owners { act(owner) }
    try check(final: true)
  }

  private func state(_ owner: SimulatedOwner) -> RangeMachine.State {
    owner.lanes.withLock { $0.lanes[0].machine.state }
  }

  /// The promise, from the log and the tables alone.
  private func check(final: Bool) throws(Flaw) {
    for offset in log {
      let (events, dead, view) = (
        server.rows[0][Int(offset)], server.rows[1][Int(offset)], server.rows[2][Int(offset)]
      )
      let kind = Self.kind(offset)
      if events > (kind == .event ? 1 : 0) || dead > (kind == .dead ? 1 : 0) {
        throw Flaw(description: "offset \(offset) (\(kind)): \(events) in events, \(dead) in dead_letters")
      }
      guard final else { continue }
      // What Kafka deleted may be in or not.
      if offset >= logStart {
        if kind == .event, events != 1 { throw Flaw(description: "event at \(offset) is lost") }
        if kind == .dead, dead != 1 { throw Flaw(description: "dead letter at \(offset) is lost") }
      }
      if view != events { throw Flaw(description: "the view counts offset \(offset) \(view) times, not \(events)") }
    }
  }
}
