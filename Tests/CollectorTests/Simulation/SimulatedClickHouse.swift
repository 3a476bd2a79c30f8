import Collector
import Kafka

/// A ClickHouse of one node, as far as delivery goes: it knows nothing of ranges, chains or owners, only of INSERTs. It is not
/// kinder than the real ones: the views come after the table, and where it does not join a statement's blocks, it may stop
/// between two, and takes the same rows in other blocks for others.
final class SimulatedClickHouse {
  enum Table: Int { case events, deadLetters, view }

  struct Insert {
    let table: Table
    let token: String
    /// Offsets, by block.
    var blocks: [[UInt8]]
    let leaseMs: Int64
    /// What its rows are stamped with. Offsets that either table has under another stamp are left out.
    var stamp: Int64?
    /// Instead of rows of its own: those that the table has of these offsets under this stamp.
    var again: (offsets: Range<Int64>, stamp: Int64?)?
  }

  /// A statement under way: what it still has to write, a step at a time.
  struct Process {
    let insert: Insert
    var writes: [(table: Table, id: String, rows: [UInt8])]
    var isKilled = false
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
    return Process(insert: insert, writes: writes)
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
    guard !process.writes.isEmpty else { return true }
    let write = process.writes.removeFirst()
    put(write.rows, write.table, process.insert.token, write.id, process.insert.stamp)
    return process.writes.isEmpty
  }

  private func put(_ block: [UInt8], _ table: Table, _ token: String, _ id: String, _ stamp: Int64?) {
    let number = table.rawValue
    if remembered[number].contains(where: { $0.id == id }) { return }
    remembered[number].append((token, id, block))
    if remembered[number].count > window { remembered[number].removeFirst() }
    for offset in block {
      rows[number][Int(offset)] += 1
      if let stamp, table != .view { stamps[Int(offset)] = stamp }
    }
  }

  // MARK: - The ledger

  private(set) var ledger: [LedgerRow] = []

  func append(_ intent: RangeIntent, isMark: Bool, leaseMs: Int64, isLegacy: Bool) {
    ledger.append(row(intent, isMark: isMark, leaseMs: leaseMs, isLegacy: isLegacy))
  }

  func row(_ intent: RangeIntent, isMark: Bool, leaseMs: Int64, isLegacy: Bool) -> LedgerRow {
    nowMs += 1  // no two rows in one millisecond
    return LedgerRow(
      intent: intent, isMark: isMark, place: UInt64(ledger.count), createdMs: nowMs, expiresMs: nowMs + leaseMs,
      isLegacy: isLegacy)
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
    append(intent, isMark: false, leaseMs: 0, isLegacy: false)
    for table in remembered.indices {
      for part in 0..<parts { remembered[table].append(("", "elsewhere \(ledger.count) \(part)", [])) }
      remembered[table].removeFirst(max(0, remembered[table].count - window))
    }
  }

  func partsWritten(after place: UInt64) -> UInt64 {
    ledger.reduce(0) { $1.place > place ? $0 + UInt64($1.intent.counts.parts) : $0 }
  }
}
