import DeadLetters

/// One letter, several replays of it, each killed, stopped and started anew at random; a Kafka log and a ledger.
///
/// Replays have unequal leases, and some are of the version before: it writes no `expires_at`, so the column's default
/// stands, and reckons every lease as its own.
///
/// The steps are those of `ReplayRun`; what to do is decided by the real `ReplayStep`. A message given to the sender comes
/// in at any moment before its timeout, or never, whether or not its sender lives.
struct ReplaySimulation {
  /// The lease of the version before, and the default of `expires_at`.
  static let leaseBefore: Int64 = 12_000
  /// Those of this version.
  var leases: [Int64] = [3_000, 6_000, leaseBefore]
  /// How long a message may be on its way, in leases; `ReplayRun` gives it a third.
  var timeoutOfLease = 1.0 / 3
  /// A planted fault: this version does as the one before.
  var reckonsByOwnLease = false

  private enum Phase {
    case begin
    case logEndRead(Int64)
    case searched(end: Int64, attempt: UInt32, from: Int64)
    case claimed
    case mine(attempt: UInt32, askedMs: Int64)
    case sent(attempt: UInt32, flight: Int)
    case over
  }

  private struct Replayer {
    let name: String
    let leaseMs: Int64
    let isBefore: Bool
    var phase = Phase.begin
    var sleepsUntilMs: Int64 = 0
  }

  private var random: SplitMix
  private var nowMs: Int64 = 1_000_000
  private var ledger: [(entry: ReplayEntry, createdMs: Int64)] = []
  /// Offsets of other people's messages are skipped over: only ours are kept.
  private var logEnd: Int64 = 40
  private(set) var sentOffsets: [Int64] = []
  private var flights: [(untilMs: Int64, offset: Int64?, isOpen: Bool)] = []
  private var replayers: [Replayer] = []
  private var names = 0

  init(seed: UInt64) { random = SplitMix(state: seed) }

  /// Runs with faults, then lets one replay come to its end.
  /// - Returns: how many times the letter's message is in the log.
  mutating func run() -> Int {
    for _ in 0..<(1 + random.next(below: 3)) { start() }
    for _ in 0..<60 { turn(faults: true) }
    start()
    let last = replayers.count - 1
    for _ in 0..<2_000 {
      turn(faults: false)
      if case .over = replayers[last].phase { break }
    }
    guard case .over = replayers[last].phase else { return -1 }
    for _ in 0..<10 { turn(faults: false) }
    return sentOffsets.count
  }

  private mutating func start() {
    replayers.append(newReplayer())
  }

  private mutating func newReplayer() -> Replayer {
    names += 1
    let isBefore = random.next(below: 3) == 0
    let lease = isBefore ? Self.leaseBefore : leases[Int(random.next(below: UInt64(leases.count)))]
    return Replayer(name: "\(names)", leaseMs: lease, isBefore: isBefore)
  }

  private mutating func turn(faults: Bool) {
    nowMs += random.next(below: 10) == 0 ? Int64(random.next(below: 8_000)) : Int64(random.next(below: 300))
    logEnd += Int64(random.next(below: 3))
    deliver()
    let index = Int(random.next(below: UInt64(replayers.count)))
    guard replayers[index].sleepsUntilMs <= nowMs else { return }
    if faults, random.next(below: 12) == 0 {
      if random.next(below: 2) == 0 {
        // kill -9, and another in its place
        replayers[index] = newReplayer()
      } else {
        replayers[index].sleepsUntilMs = nowMs + Int64(random.next(below: 30_000))
      }
      return
    }
    step(index)
  }

  private mutating func deliver() {
    for index in flights.indices where flights[index].isOpen {
      if nowMs > flights[index].untilMs {
        flights[index].isOpen = false
      } else if random.next(below: 3) == 0 {
        flights[index] = (flights[index].untilMs, logEnd, false)
        sentOffsets.append(logEnd)
        logEnd += 1
      }
    }
  }

  private mutating func step(_ index: Int) {
    let (me, leaseMs) = (replayers[index].name, replayers[index].leaseMs)
    let reckons = replayers[index].isBefore || reckonsByOwnLease
    func next() -> ReplayStep {
      let entries = ledger.map { entry, createdMs in
        guard reckons else { return entry }
        return ReplayEntry(
          attempt: entry.attempt, sentOffset: entry.sentOffset, replayer: entry.replayer, searchFrom: entry.searchFrom,
          expiresMs: createdMs + leaseMs)
      }
      return ReplayStep.next(entries, me: me, nowMs: nowMs)
    }
    func write(_ attempt: UInt32, sent: Int64? = nil, from: Int64 = 0) {
      let expires = nowMs + (replayers[index].isBefore ? Self.leaseBefore : leaseMs)
      ledger.append(
        (ReplayEntry(attempt: attempt, sentOffset: sent, replayer: me, searchFrom: from, expiresMs: expires), nowMs))
    }
    switch replayers[index].phase {
    case .begin:
      // Tansu may answer with less than the end.
      replayers[index].phase = .logEndRead(logEnd - Int64(random.next(below: 3)))
    case .logEndRead(let end):
      switch next() {
      case .over: replayers[index].phase = .over
      case .wait, .send: replayers[index].phase = .begin
      case .claimFirst:
        write(1, from: end)
        replayers[index].phase = .claimed
      case .search(let from, let attempt): replayers[index].phase = .searched(end: end, attempt: attempt, from: from)
      }
    case .searched(let end, let attempt, let from):
      if let found = sentOffsets.first(where: { $0 >= from }) {
        write(attempt, sent: found)
        replayers[index].phase = .over
      } else {
        // Between looking and claiming, time passes.
        replayers[index].phase = .claimed
        write(attempt + 1, from: end)
      }
    case .claimed:
      if case .send(let attempt, let untilMs) = next(), untilMs >= nowMs + leaseMs / 2 {
        replayers[index].phase = .mine(attempt: attempt, askedMs: nowMs)
      } else {
        replayers[index].phase = .begin
      }
    case .mine(let attempt, let askedMs):
      guard nowMs - askedMs < leaseMs / 12 else {
        replayers[index].phase = .begin
        return
      }
      flights.append((nowMs + Int64(Double(leaseMs) * timeoutOfLease), nil, true))
      replayers[index].phase = .sent(attempt: attempt, flight: flights.count - 1)
    case .sent(let attempt, let flight):
      guard !flights[flight].isOpen else { return }
      if let offset = flights[flight].offset {
        write(attempt, sent: offset)
        replayers[index].phase = .over
      } else {
        replayers[index].phase = .begin
      }
    case .over: break
    }
  }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SplitMix {
  var state: UInt64

  mutating func next(below bound: UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return (z ^ z >> 31) % bound
  }
}
