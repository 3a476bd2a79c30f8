import ClickHouse
import Collector
import Kafka

/// A rule of the delivery promise that a run leaves out, to see that the simulation finds it.
enum PlantedFault: CaseIterable {
  case leaseIgnored, membershipNotProven, lastClaimWins, expiryIgnored, underWayIgnored, bordersByTiming
  case decoderNotTold, partsNotCounted, movedOffsetBelieved, marksForgotten, viewsNotCompleted, reconciledBlindly
  case runIgnored, tokensOutliveRuns, rollupsNotRepaired, recoveriesNotFenced, claimsIgnored
}

/// Blocks of four messages or of three, by version; an event's row is its offset.
final class SimulatedEncoder: RangeEncoder {
  private let world: RangeSimulation
  private let version: UInt64

  init(_ world: RangeSimulation, version: UInt64) {
    self.world = world
    self.version = version
  }

  var fingerprint: UInt64 { world.planted == .decoderNotTold ? 0 : version }

  func encode(
    _ partition: TopicPartition, _ chunks: [MessageChunk], from cursor: inout MessageBuffer.Position, limit: Int,
    to: Int64?
  ) -> EncodedBlock? {
    var rule = 3 + Int(version % 2)
    if world.planted == .bordersByTiming { rule = Int.random(in: 2...5, using: &world.random) }
    var (events, dead): ([UInt8], [UInt8]) = ([], [])
    var (skipped, first, end) = (0, Int64(-1), Int64(0))
    messages: while cursor.chunk < chunks.count {
      let chunk = chunks[cursor.chunk]
      while cursor.byte < chunk.used {
        if events.count + dead.count + skipped >= min(limit, rule) { break messages }
        let (message, next) = chunk.message(at: cursor.byte)
        if let to, message.offset >= to { break messages }
        switch RangeSimulation.kind(message.offset) {
        case .event: events.append(UInt8(message.offset))
        case .dead: dead.append(UInt8(message.offset))
        case .tombstone: skipped += 1
        }
        if first < 0 { first = message.offset }
        end = message.offset + 1
        cursor.byte = next
      }
      if cursor.chunk + 1 == chunks.count { break }
      cursor = MessageBuffer.Position(chunk: cursor.chunk + 1, byte: 0)
    }
    guard first >= 0 else { return nil }
    let count = events.count + dead.count + skipped
    return EncodedBlock(
      offsets: OffsetRange(from: first, to: end), events: events.count, deadLetters: dead.count, skipped: skipped,
      isWhole: count >= rule, occurredAtMs: events.isEmpty ? nil : 0...0, eventFrames: events, deadLetterFrames: dead,
      eventsByType: [], deadByReason: [:], repeats: 0, messageBytes: count * 40, oldestTimestampMs: 0)
  }
}

/// The ledger as one owner sees it.
final class SimulatedStore: LedgerStore {
  private let world: RangeSimulation
  private let owner: SimulatedOwner
  /// A mark that its writer forgets.
  private var unwritten: LedgerRow?

  init(_ world: RangeSimulation, _ owner: SimulatedOwner) {
    self.world = world
    self.owner = owner
  }

  private var runMs: Int64 { owner.leaseMs + owner.insertMs }

  func append(_ kind: LedgerRow.Kind, _ intent: RangeIntent) throws(StepFailure) {
    world.interlude(owner)
    if world.chance(12) { throw .clickHouse(.connection("lost")) }
    if kind != .mark || world.planted != .marksForgotten {
      var counts = intent.counts
      if kind == .renewal { counts.parts = 0 }
      let row = RangeIntent(
        partition: intent.partition, range: intent.range, counts: counts, decoder: intent.decoder, writer: intent.writer
      )
      world.server.append(row, isMark: kind == .mark, leaseMs: runMs)
    } else {
      unwritten = world.server.row(intent, isMark: true, leaseMs: runMs)
    }
    if world.chance(12) { throw .clickHouse(.interrupted("reply lost")) }
    world.interlude(owner)
  }

  func rows(of partition: TopicPartition, from: Int64?) throws(StepFailure) -> (rows: [LedgerRow], server: LedgerServer)
  {
    if world.chance(30) { throw .clickHouse(.interrupted("reply lost")) }
    var rows = world.server.rows(from: from)
    if let unwritten, unwritten.intent.range.from == rows.first?.intent.range.from { rows.append(unwritten) }
    if world.planted == .lastClaimWins { rows.reverse() }
    if world.planted == .expiryIgnored {
      rows = rows.map {
        LedgerRow(
          intent: $0.intent, isMark: $0.isMark, place: $0.place, createdMs: $0.createdMs,
          expiresMs: $0.intent.writer == owner.name ? $0.expiresMs : 0, incarnation: $0.incarnation)
      }
    }
    let run = world.server.incarnation
    if world.planted == .tokensOutliveRuns {
      rows = rows.map {
        LedgerRow(
          intent: $0.intent, isMark: $0.isMark, place: $0.place, createdMs: $0.createdMs, expiresMs: $0.expiresMs,
          incarnation: $0.incarnation == nil ? nil : run)
      }
    }
    return (rows, LedgerServer(nowMs: world.server.nowMs, incarnation: run))
  }

  func partsWritten(after row: LedgerRow) throws(StepFailure) -> UInt64 {
    world.planted == .partsNotCounted ? 0 : world.server.partsWritten(after: row.place)
  }

  func endInserts(of intent: RangeIntent) throws(StepFailure) -> Int {
    if world.planted == .underWayIgnored { return 0 }
    var count = 0
    for index in world.server.processes.indices
    where world.server.processes[index].token?.hasPrefix(intent.token) == true {
      world.server.processes[index].isKilled = true
      count += 1
    }
    return count
  }

}

/// A recovery as one owner sees it.
final class SimulatedRecoveryStore: RecoveryStore {
  private let world: RangeSimulation
  private let owner: SimulatedOwner
  /// As long a claim counts as live without a statement.
  private static let youngMs: Int64 = 2_000

  init(_ world: RangeSimulation, _ owner: SimulatedOwner) {
    self.world = world
    self.owner = owner
  }

  func state() throws(StepFailure) -> RecoveryState {
    world.interlude(owner)
    if world.chance(20) { throw .clickHouse(.interrupted("reply lost")) }
    let server = world.server
    if let incarnation = server.incarnation { return .done(incarnation) }
    let (claim, ageMs) = server.recovery
    return .open(claim: claim, isLive: claim != nil && ageMs < Self.youngMs)
  }

  func claim(_ claim: RecoveryClaim) throws(StepFailure) {
    try write { world.server.claimRecovery(claim) }
  }

  func finish(_ claim: RecoveryClaim, as incarnation: Incarnation) throws(StepFailure) {
    try write {
      if world.server.counts(claim) || world.planted == .claimsIgnored { world.server.name(incarnation) }
    }
  }

  private func write(_ body: () -> Void) throws(StepFailure) {
    world.interlude(owner)
    if world.chance(12) { throw .clickHouse(.connection("lost")) }
    body()
    if world.chance(12) { throw .clickHouse(.interrupted("reply lost")) }
    world.interlude(owner)
  }

  func endStatements() throws(StepFailure) -> Int {
    if world.planted == .recoveriesNotFenced { return 0 }
    for index in world.server.processes.indices { world.server.processes[index].isKilled = true }
    return world.server.processes.count
  }

  func repairRollups(_ claim: RecoveryClaim) throws(StepFailure) -> Int? {
    world.interlude(owner)
    if world.planted == .rollupsNotRepaired { return 0 }
    let (server, ignored) = (world.server, world.planted == .claimsIgnored)
    return try world.send { ignored || server.counts(claim) ? server.beginRepair() : nil } ? 1 : nil
  }
}

/// The statements of a range, each with a fate.
final class SimulatedInserter: RangeInserter {
  private let world: RangeSimulation
  private let owner: SimulatedOwner

  init(_ world: RangeSimulation, _ owner: SimulatedOwner) {
    self.world = world
    self.owner = owner
  }

  private func statements(
    _ range: BuiltRange, _ token: String, _ lease: Lease, stamp: Int64? = nil
  ) -> [SimulatedClickHouse.Insert] {
    let leaseMs = world.planted == .leaseIgnored ? .max : lease.untilMs
    let run = world.planted == .runIgnored ? nil : lease.incarnation
    return [
      .init(
        table: .deadLetters, token: token, blocks: range.blocks.map(\.deadLetterFrames), leaseMs: leaseMs,
        incarnation: run, stamp: stamp),
      .init(
        table: .events, token: token, blocks: range.blocks.map(\.eventFrames), leaseMs: leaseMs, incarnation: run,
        stamp: stamp),
    ]
  }

  func insert(_ range: BuiltRange, _ lease: Lease) throws(StepFailure) -> Bool {
    try send(statements(range, range.intent.token, lease))
  }

  func reconcile(
    _ range: BuiltRange, _ lease: Lease, _ epochs: [ReconcileEpoch], window: UInt64
  ) throws(StepFailure) -> Bool {
    let (intent, ours) = (range.intent, epochs[epochs.count - 1])
    if world.planted == .reconciledBlindly { return try send(statements(range, ours.token(of: intent), lease)) }
    var inserts: [SimulatedClickHouse.Insert] = []
    for epoch in epochs.dropLast()
    where epoch.incarnation == lease.incarnation && epoch.partsSince < window && world.planted != .viewsNotCompleted {
      inserts.append(
        .init(
          table: .events, token: epoch.token(of: intent), blocks: [], leaseMs: lease.untilMs,
          incarnation: lease.incarnation,
          again: (intent.range.from..<intent.range.to, epoch.index == 0 ? nil : epoch.beginMs)))
    }
    return try send(inserts + statements(range, ours.token(of: intent), lease, stamp: ours.beginMs))
  }

  private func send(_ inserts: [SimulatedClickHouse.Insert]) throws(StepFailure) -> Bool {
    world.interlude(owner)
    for insert in inserts {
      guard try world.send(insert) else { return false }
    }
    return true
  }
}

/// Whether the group still counts an owner among its members.
struct SimulatedMembership: GroupMembership {
  let world: RangeSimulation
  let owner: SimulatedOwner

  func prove(_ partition: TopicPartition, at offset: Int64) throws(StepFailure) {
    world.interlude(owner)
    guard world.member === owner || world.planted == .membershipNotProven, !world.chance(12) else {
      throw .clickHouse(.interrupted("the group does not know this member"))
    }
    if world.member === owner { world.committed = offset }
    world.interlude(owner)
  }

  func commit(_ partition: TopicPartition, end: Int64) {
    // Any member may have left meanwhile; a broker that does not fence takes it, and it is true all the same.
    if !world.chance(5) { world.committed = end }
  }
}

struct SilentReport: WorkerReport {
  func flushed(_ built: BuiltRange, after duration: Duration) {}
  func failed(_ partition: TopicPartition?, _ error: any Error) {}
  func halted(_ partition: TopicPartition, _ why: String) {}
  func reconciling(_ intent: RangeIntent) {}
  func recovered(days: Int) {}
}
