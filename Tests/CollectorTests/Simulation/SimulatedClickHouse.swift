import Collector
import Kafka

/// A ClickHouse of one node, as far as delivery goes: it knows nothing of ranges, chains or owners, only of INSERTs. It is not
/// kinder than the real ones: the views come after the table, or before it, and where it does not join a statement's blocks, it
/// may stop between two, and takes the same rows in other blocks for others. Killed, it may remember what it has not.
final class SimulatedClickHouse {
  enum Table: Int { case events, deadLetters, view }

  struct Insert {
    let table: Table
    let token: String
    /// Offsets, by block.
    var blocks: [[UInt8]]
    let leaseMs: Int64
    /// The run in which it is taken; nil for any.
    let incarnation: Incarnation?
    /// What its rows are stamped with. Offsets that either table has under another stamp are left out.
    var stamp: Int64?
    /// Instead of rows of its own: those that the table has of these offsets under this stamp.
    var again: (offsets: Range<Int64>, stamp: Int64?)?
  }

  /// A statement under way: what it still has to write, a step at a time.
  struct Process {
    enum Work {
      case insert(Insert, writes: [(table: Table, id: String, rows: [UInt8])])
      /// What the view lacks, or has too much, as it was when the statement began; by offset.
      case repair([UInt8: UInt8])
    }
    var work: Work
    var isKilled = false

    var token: String? { if case .insert(let insert, _) = work { insert.token } else { nil } }
    /// The views get their blocks before the tables do.
    mutating func putViewsFirst() {
      guard case .insert(let insert, let writes) = work else { return }
      work = .insert(insert, writes: writes.filter { $0.table == .view } + writes.filter { $0.table != .view })
    }

    /// Writes to come.
    var steps: Int { if case .insert(_, let writes) = work { writes.count } else { 1 } }
  }

  /// Rows by offset.
  private(set) var rows = [[UInt8]](repeating: [UInt8](repeating: 0, count: 256), count: 3)
  private var stamps = [Int64](repeating: -1, count: 256)
  /// By table, the blocks that are remembered, oldest first, with the statement's token.
  private var remembered: [[(token: String, id: String, rows: [UInt8])]] = [[], [], []]
  var processes: [Process] = []
  var nowMs: Int64 = 1_000_000
  let window: Int
  /// Whether a statement's blocks become one.
  let joinsBlocks: Bool

  init(window: Int, joinsBlocks: Bool) {
    self.window = window
    self.joinsBlocks = joinsBlocks
  }

  /// Takes a statement up.
  /// - Returns: nil when its lease is over.
  func begin(_ insert: Insert) -> Process? {
    if nowMs > insert.leaseMs { return nil }
    if let run = insert.incarnation, run != incarnation { return nil }
    var writes: [(table: Table, id: String, rows: [UInt8])] = []
    if let again = insert.again {
      // In the blocks in which the table took them.
      let known = remembered[Table.events.rawValue].filter { $0.token == insert.token }
      if known.isEmpty {
        let found = again.offsets.map { UInt8($0) }
          .filter { rows[Table.events.rawValue][Int($0)] > 0 && stamps[Int($0)] == again.stamp ?? -1 }
        writes = plan(insert.table, insert.token, [found])
      } else {
        writes = known.map { (.view, $0.id, $0.rows) }
      }
    } else {
      var blocks = insert.blocks
      if let stamp = insert.stamp {
        for index in blocks.indices {
          blocks[index].removeAll {
            (rows[0][Int($0)] > 0 || rows[1][Int($0)] > 0) && stamps[Int($0)] != stamp
          }
        }
      }
      writes = plan(insert.table, insert.token, blocks)
    }
    return Process(work: .insert(insert, writes: writes))
  }

  private func plan(_ table: Table, _ token: String, _ blocks: [[UInt8]]) -> [(table: Table, id: String, rows: [UInt8])]
  {
    let blocks = joinsBlocks ? [blocks.flatMap { $0 }] : blocks
    var writes: [(table: Table, id: String, rows: [UInt8])] = []
    for (index, block) in blocks.enumerated() where !block.isEmpty {
      let id = joinsBlocks ? token : "\(token)#\(index)#\(block[0])-\(block[block.count - 1])/\(block.count)"
      writes.append((table, id, block))
      if table == .events { writes.append((.view, id, block)) }
    }
    return writes
  }

  /// Does one write of a statement.
  /// - Returns: whether it has ended.
  func step(_ process: inout Process) -> Bool {
    switch process.work {
    case .insert(let insert, var writes):
      guard !writes.isEmpty else { return true }
      let write = writes.removeFirst()
      put(write.rows, write.table, insert.token, write.id, insert.stamp)
      process.work = .insert(insert, writes: writes)
      return writes.isEmpty
    case .repair(let difference):
      for (offset, count) in difference { rows[Table.view.rawValue][Int(offset)] &+= count }
      process.work = .repair([:])
      return true
    }
  }

  private func put(_ block: [UInt8], _ table: Table, _ token: String, _ id: String, _ stamp: Int64?) {
    let number = table.rawValue
    guard remember(block, table, token, id) else { return }
    for offset in block {
      rows[number][Int(offset)] &+= 1
      if let stamp, table != .view { stamps[Int(offset)] = stamp }
    }
  }

  /// - Returns: false when it is remembered already.
  private func remember(_ block: [UInt8], _ table: Table, _ token: String, _ id: String) -> Bool {
    let number = table.rawValue
    if remembered[number].contains(where: { $0.id == id }) { return false }
    remembered[number].append((token, id, block))
    if remembered[number].count > window { remembered[number].removeFirst() }
    return true
  }

  // MARK: - Its runs

  /// Its run, as the collectors call it; nil before the recovery.
  private(set) var incarnation: Incarnation?
  private var claims: [RecoveryClaim] = []
  private var claimedMs: Int64 = 0

  /// Ends, with all that is under way, and starts again.
  /// - Parameter last: what was under way, of whose next part the token was written down, and the part not put in its place.
  func restart(between last: Process? = nil) {
    if case .insert(let insert, let writes) = last?.work, let write = writes.first {
      _ = remember(write.rows, write.table, insert.token, write.id)
    }
    processes.removeAll()
    forgetRun()
  }

  /// The table `recoveries` is empty, and nothing else has happened.
  func forgetRun() {
    incarnation = nil
    claims = []
  }

  var recovery: (last: RecoveryClaim?, ageMs: Int64) {
    (claims.max { ($0.number, $0.recoverer) < ($1.number, $1.recoverer) }, nowMs - claimedMs)
  }

  func claimRecovery(_ claim: RecoveryClaim) {
    guard incarnation == nil else { return }
    claims.append(claim)
    claimedMs = nowMs
  }

  func counts(_ claim: RecoveryClaim) -> Bool { incarnation == nil && recovery.last == claim }

  func beginRepair() -> Process {
    var difference: [UInt8: UInt8] = [:]
    for offset in rows[0].indices where rows[0][offset] != rows[2][offset] {
      difference[UInt8(offset)] = rows[0][offset] &- rows[2][offset]
    }
    return Process(work: .repair(difference))
  }

  func name(_ incarnation: Incarnation) { self.incarnation = incarnation }

  // MARK: - The ledger

  private(set) var ledger: [LedgerRow] = []

  func append(_ intent: RangeIntent, isMark: Bool, leaseMs: Int64) {
    ledger.append(row(intent, isMark: isMark, leaseMs: leaseMs))
  }

  func row(_ intent: RangeIntent, isMark: Bool, leaseMs: Int64) -> LedgerRow {
    nowMs += 1  // no two rows in one millisecond
    return LedgerRow(
      intent: intent, isMark: isMark, place: UInt64(ledger.count), createdMs: nowMs, expiresMs: nowMs + leaseMs,
      incarnation: incarnation)
  }

  func rows(from: Int64?) -> [LedgerRow] {
    let own = ledger.filter { $0.intent.partition != Self.elsewhere }
    guard let from = from ?? own.map(\.intent.range.from).max() else { return [] }
    return own.filter { $0.intent.range.from == from }
  }

  private static let elsewhere = TopicPartition(topic: "elsewhere", partition: 0)

  /// Other partitions' ranges: so many blocks that every table remembers in place of older ones.
  func writeElsewhere(parts: Int) {
    let intent = RangeIntent(
      partition: Self.elsewhere, range: OffsetRange(from: 0, to: 1), counts: RangeCounts(parts: UInt32(parts)),
      decoder: 0, writer: "elsewhere")
    append(intent, isMark: false, leaseMs: 0)
    for table in remembered.indices {
      for part in 0..<parts { remembered[table].append(("", "elsewhere \(ledger.count) \(part)", [])) }
      remembered[table].removeFirst(max(0, remembered[table].count - window))
    }
  }

  func partsWritten(after place: UInt64) -> UInt64 {
    ledger.reduce(0) { $1.place > place ? $0 + UInt64($1.intent.counts.parts) : $0 }
  }
}
