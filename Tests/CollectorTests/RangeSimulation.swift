import Collector
import Kafka

/// SplitMix64: the same seed gives the same run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A ClickHouse of one node, as far as delivery goes: it knows nothing of ranges, chains or owners, only of INSERTs.
struct SimulatedClickHouse {
  enum Table: Hashable { case events, deadLetters, view }

  struct Insert {
    let table: Table
    let token: String
    var offsets: [Int64] = []
    let lease: Int64?
    /// What its rows are stamped with. Offsets that either table has under another stamp are left out.
    var stamp: Int64?
    /// Instead of rows of its own: those that the table has of these offsets under this stamp.
    var again: (offsets: Range<Int64>, stamp: Int64?)?
  }

  private(set) var rows: [Table: [Int64: Int]] = [.events: [:], .deadLetters: [:], .view: [:]]
  private var stamps: [Int64: Int64] = [:]
  private var tokens: [Table: [String]] = [.events: [], .deadLetters: [], .view: []]
  private(set) var ledger: [(intent: RangeIntent, at: Int64, mark: Bool)] = []
  var now: Int64 = 0
  let window: Int

  init(window: Int) { self.window = window }

  mutating func write(_ intent: RangeIntent, mark: Bool = false) {
    now += 1  // no two rows of the ledger in one millisecond
    ledger.append((intent, now, mark))
  }

  /// The entry of the range at `from`, and when its row was written.
  func entry(from: Int64) -> (entry: LedgerEntry, at: Int64)? {
    guard let index = ledger.firstIndex(where: { $0.intent.range.from == from }) else { return nil }
    let there = ledger.filter { $0.intent.range.from == from }
    let entry = LedgerEntry(
      intent: ledger[index].intent, partsSince: UInt64(ledger.count - index - 1), marked: there.contains { $0.mark })
    return (entry, ledger[index].at)
  }

  /// When anybody but `writer` last wrote there, or `writer` itself before its latest run of marks.
  func lastWord(from: Int64, before writer: String) -> Int64 {
    var there = ledger.filter { $0.intent.range.from == from }
    while let last = there.last, last.mark, last.intent.writer == writer { there.removeLast() }
    return there.map(\.at).max()!
  }

  func epochs(from: Int64) -> [ReconcileEpoch] {
    let marks = ledger.indices.filter { ledger[$0].intent.range.from == from && ledger[$0].mark }
    return ReconcileEpoch.all(
      claimPartsSince: entry(from: from)!.entry.partsSince,
      marks: marks.map {
        .init(writer: ledger[$0].intent.writer, atMs: ledger[$0].at, partsSince: UInt64(ledger.count - $0 - 1))
      }, window: UInt64(window / 2))
  }

  func last() -> LedgerEntry? { ledger.map(\.intent.range.from).max().flatMap { entry(from: $0)?.entry } }

  /// - Parameter dies: the server is killed after the table has its part and before the view has.
  /// - Returns: false when the lease was over.
  mutating func apply(_ insert: Insert, dies: Bool) -> Bool {
    if let lease = insert.lease, now > lease { return false }
    var offsets = insert.offsets
    if let stamp = insert.stamp {
      offsets.removeAll { (rows[.events]![$0] != nil || rows[.deadLetters]![$0] != nil) && stamps[$0] != stamp }
    }
    if let again = insert.again {
      offsets = rows[.events]!.keys.filter { again.offsets.contains($0) && stamps[$0] == again.stamp }.sorted()
    }
    put(offsets, insert.table, insert.token, insert.stamp)
    if insert.table == .events, !dies { put(offsets, .view, insert.token, nil) }
    return true
  }

  private mutating func put(_ offsets: [Int64], _ table: Table, _ token: String, _ stamp: Int64?) {
    guard !offsets.isEmpty, !tokens[table]!.contains(token) else { return }
    tokens[table]!.append(token)
    if tokens[table]!.count > window { tokens[table]!.removeFirst() }
    for offset in offsets {
      rows[table]![offset, default: 0] += 1
      if let stamp { stamps[offset] = stamp }
    }
  }
}

/// One partition, some collectors that come, sleep, wake and die, and one ClickHouse; run from a seed.
struct RangeSimulation {
  struct Owner {
    let name: String
    var machine: RangeMachine
    /// Messages handed over by Kafka: all before this index of the log.
    var readTo: Int
    var asleep = false
    let decoder: UInt64
    let since: Int64
  }

  struct Flaw: Error, CustomStringConvertible { let description: String }

  static let partition = TopicPartition(topic: "t", partition: 0)
  static let leaseMs: Int64 = 40
  static let insertMs: Int64 = 20

  var random: SeededGenerator
  var server: SimulatedClickHouse
  /// Offsets with holes; a message is a tombstone, a dead letter or an event by its value alone.
  let log: [Int64]
  var owners: [Owner] = []
  var member: String?
  var committed: Int64?
  /// INSERTs on their way: sent, perhaps never answered.
  var inFlight: [(insert: SimulatedClickHouse.Insert, latest: Int64)] = []
  var names = 0
  let hazards: Hazards
  var faults = 0

  /// What may happen besides crashes, sleepers, lost messages and takeovers.
  enum Hazards {
    /// The server dies between table and view.
    case halfInserts
    /// The deduplication window is short.
    case shortWindow
    /// Every third owner is another version, whose rows are not to be mixed under one token; and the server dies between
    /// table and view.
    case upgrades
  }

  init(seed: UInt64, hazards: Hazards) {
    var seeded = SeededGenerator(seed: seed)
    var offset: Int64 = Int64.random(in: 0...3, using: &seeded)
    log = (0..<Int.random(in: 1...40, using: &seeded)).map { _ in
      defer { offset += Bool.random(using: &seeded) ? 1 : Int64.random(in: 1...4, using: &seeded) }
      return offset
    }
    random = seeded
    server = SimulatedClickHouse(window: hazards == .shortWindow ? 24 : 4096)
    self.hazards = hazards
  }

  enum Kind { case event, dead, tombstone }
  static func kind(_ offset: Int64) -> Kind { offset % 7 == 3 ? .dead : offset % 11 == 5 ? .tombstone : .event }

  // MARK: - What a collector would do

  mutating func takeOver() {
    names += 1
    let machine = RangeMachine(
      partition: Self.partition, tail: server.last(), committed: committed, logEnd: log.last! + 1,
      window: UInt64(server.window / 2))
    let from = machine.readFrom
    let name = "w\(names)"
    owners.append(
      Owner(
        name: name, machine: machine, readTo: log.firstIndex { $0 >= from } ?? log.count,
        decoder: hazards == .upgrades ? UInt64(names % 3) : 1, since: server.now))
    member = name
  }

  func built(_ owner: Owner, from: Int64, to: Int64?) -> RangeIntent {
    let taken = log[..<owner.readTo].filter { $0 >= from && $0 < to ?? .max }
    let end = to ?? taken.last! + 1
    let kinds = taken.map(Self.kind)
    return RangeIntent(
      partition: Self.partition, range: OffsetRange(from: from, to: end),
      counts: RangeCounts(
        events: UInt32(kinds.count { $0 == .event }), deadLetters: UInt32(kinds.count { $0 == .dead }),
        skipped: UInt32(kinds.count { $0 == .tombstone }), parts: 1), decoder: owner.decoder, writer: owner.name)
  }

  func offsets(_ intent: RangeIntent, _ kind: Kind) -> [Int64] {
    log.filter { $0 >= intent.range.from && $0 < intent.range.to && Self.kind($0) == kind }
  }

  /// Does one step of one owner, with whatever fault the seed has for it.
  mutating func act(_ index: Int, faulty: Bool) {
    var owner = owners[index]
    defer { owners[index] = owner }
    if owner.readTo < log.count, Bool.random(using: &random) || !faulty {
      owner.readTo = faulty ? min(log.count, owner.readTo + Int.random(in: 1...6, using: &random)) : log.count
    }
    let bufferedTo = owner.readTo == 0 ? 0 : log[owner.readTo - 1] + 1
    let step = owner.machine.step(bufferedTo: bufferedTo, due: !faulty || Bool.random(using: &random))
    /// 0 … 2: no fault; 3: the request never arrives; 4: it arrives, the reply does not.
    let fate = faulty ? Int.random(in: 0...4, using: &random) : 0
    if fate > 2 { faults += 1 }
    switch step {
    case .wait, .halt: return
    case .build(let from, let to): owner.machine.take(.built(built(owner, from: from, to: to)))
    case .claim(let intent):
      if fate == 3 { return owner.machine.take(.failed) }
      server.write(intent)
      if fate == 4 { return owner.machine.take(.failed) }
      let found = server.entry(from: intent.range.from)!
      owner.machine.take(.claimed(first: found.entry, Lease(untilMs: found.at + Self.leaseMs)))
    case .renew(let intent):
      let lease = Lease(untilMs: server.now + Self.leaseMs)
      let entry = server.entry(from: intent.range.from)!.entry
      guard member == owner.name, fate < 3 else { return owner.machine.take(.failed) }
      owner.machine.take(.renewed(lease, entry))
    case .insert(let intent, let lease):
      for (kind, table) in [(Kind.dead, SimulatedClickHouse.Table.deadLetters), (.event, .events)] {
        let insert = SimulatedClickHouse.Insert(
          table: table, token: intent.token, offsets: offsets(intent, kind), lease: lease.untilMs)
        guard let outcome = send(insert, fate) else { return owner.machine.take(.failed) }
        if !outcome { return owner.machine.take(.leaseOver) }
      }
      owner.machine.take(.written)
    case .mark(let intent):
      let lastWord = max(owner.since, server.lastWord(from: intent.range.from, before: owner.name))
      guard server.now > lastWord + Self.leaseMs + Self.insertMs else { return }
      // Whoever falls asleep after this proof leaves a mark all the same.
      guard member == owner.name || faulty && Bool.random(using: &random), fate != 3 else {
        return owner.machine.take(.failed)
      }
      server.write(intent, mark: true)
      let lease = Lease(untilMs: server.now + Self.leaseMs)
      guard member == owner.name, fate != 4 else { return owner.machine.take(.failed) }
      owner.machine.take(.marked(lease))
    case .reconcile(let intent, let lease):
      let epochs = server.epochs(from: intent.range.from)
      guard let ours = epochs.last, ours.writer == owner.name, ours.partsSince < server.window / 2 else {
        return owner.machine.take(.leaseOver)
      }
      var inserts: [SimulatedClickHouse.Insert] = []
      for epoch in epochs.dropLast() where epoch.partsSince < server.window / 2 {
        inserts.append(
          .init(
            table: .events, token: epoch.token(of: intent), lease: lease.untilMs,
            again: (intent.range.from..<intent.range.to, epoch.index == 0 ? nil : epoch.beginMs)))
      }
      for (kind, table) in [(Kind.dead, SimulatedClickHouse.Table.deadLetters), (.event, .events)] {
        inserts.append(
          .init(
            table: table, token: ours.token(of: intent), offsets: offsets(intent, kind), lease: lease.untilMs,
            stamp: ours.beginMs))
      }
      for insert in inserts {
        guard let outcome = send(insert, fate) else { return owner.machine.take(.failed) }
        if !outcome { return owner.machine.take(.leaseOver) }
      }
      owner.machine.take(.written)
    case .finish(let intent):
      // Any member may have left meanwhile; a broker that does not fence takes it, and it is true all the same.
      if fate != 3 { committed = intent.range.to }
      owner.machine.take(.finished)
    }
  }

  /// - Returns: nil when the outcome stays unknown, else whether the server took it up.
  mutating func send(_ insert: SimulatedClickHouse.Insert, _ fate: Int) -> Bool? {
    if fate == 3 {
      // Cut on the way. It may yet begin, until its lease ends.
      if Bool.random(using: &random) {
        inFlight.append((insert, server.now + Int64.random(in: 0...80, using: &random)))
      }
      return nil
    }
    let dies = fate == 4 && hazards != .shortWindow && Bool.random(using: &random)
    let begun = server.apply(insert, dies: dies)
    return fate == 4 ? nil : begun
  }

  // MARK: - The run

  mutating func run() throws(Flaw) {
    takeOver()
    for _ in 0..<Int.random(in: 20...160, using: &random) {
      server.now += Int64.random(in: 0...6, using: &random)
      land(all: false)
      switch Int.random(in: 0..<20, using: &random) {
      case 0:
        // Killed, or a rebalance: the next owner comes, the old one may go on as a zombie.
        faults += 1
        if Bool.random(using: &random) { owners.removeAll() } else if owners.count > 2 { owners.removeFirst() }
        takeOver()
      case 1:
        faults += 1
        if let index = owners.indices.randomElement(using: &random) { owners[index].asleep = true }
      case 2:
        for index in owners.indices where Bool.random(using: &random) { owners[index].asleep = false }
      case 3:
        // The broker forgets an asynchronous commit.
        if Bool.random(using: &random) { committed = committed.map { $0 / 2 } }
      default:
        if let index = owners.indices.filter({ !owners[$0].asleep }).randomElement(using: &random) {
          act(index, faulty: true)
        }
      }
      try check(final: false)
    }
    try settle()
  }

  private mutating func land(all: Bool) {
    var still: [(insert: SimulatedClickHouse.Insert, latest: Int64)] = []
    for entry in inFlight {
      if all || entry.latest <= server.now { _ = server.apply(entry.insert, dies: false) } else { still.append(entry) }
    }
    inFlight = still
  }

  /// Faults end: zombies wake and do what they can, then one owner finishes the log.
  private mutating func settle() throws(Flaw) {
    for index in owners.indices { owners[index].asleep = false }
    takeOver()
    for round in 0..<4_000 {
      server.now += 1
      land(all: round > 200)
      for index in owners.indices where index == owners.count - 1 || Bool.random(using: &random) {
        act(index, faulty: false)
      }
      if round > 200, owners.last!.machine.state == .filling(from: log.last! + 1) { break }
    }
    guard case .filling(let end) = owners.last!.machine.state, end == log.last! + 1 else {
      throw Flaw(description: "stuck in \(owners.last!.machine.state), log ends at \(log.last! + 1)")
    }
    try check(final: true)
  }

  /// The promise, from the log and the tables alone.
  private func check(final: Bool) throws(Flaw) {
    for offset in log {
      let events = server.rows[.events]![offset] ?? 0
      let dead = server.rows[.deadLetters]![offset] ?? 0
      let kind = Self.kind(offset)
      if events > (kind == .event ? 1 : 0) || dead > (kind == .dead ? 1 : 0) {
        throw Flaw(description: "offset \(offset) (\(kind)): \(events) in events, \(dead) in dead_letters")
      }
      guard final else { continue }
      if kind == .event, events != 1 { throw Flaw(description: "event at \(offset) is lost") }
      if kind == .dead, dead != 1 { throw Flaw(description: "dead letter at \(offset) is lost") }
      let view = server.rows[.view]![offset] ?? 0
      if view != events { throw Flaw(description: "the view counts offset \(offset) \(view) times") }
    }
  }
}
