import DeadLetters

/// One letter, several replays of it, each killed, stopped and started anew at random; a Kafka log and a ledger.
///
/// The steps are those of `ReplayRun`; what to do is decided by the real `ReplayStep`. A message given to the sender comes
/// in at any moment before its timeout, or never, whether or not its sender lives.
struct ReplaySimulation {
  static let leaseMs: Int64 = 12_000
  /// How long a message may be on its way; `ReplayRun` gives it a third of the lease.
  var timeoutMs = leaseMs / 3

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
    var phase = Phase.begin
    var sleepsUntilMs: Int64 = 0
  }

  private var random: SplitMix
  private var nowMs: Int64 = 1_000_000
  private var ledger: [ReplayEntry] = []
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
    names += 1
    replayers.append(Replayer(name: "\(names)"))
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
        names += 1
        replayers[index] = Replayer(name: "\(names)")
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
    let me = replayers[index].name
    func next(_ entries: [ReplayEntry], _ now: Int64) -> ReplayStep {
      ReplayStep.next(entries, me: me, nowMs: now, leaseMs: Self.leaseMs)
    }
    func claim(_ attempt: UInt32, from: Int64) -> ReplayEntry {
      ReplayEntry(attempt: attempt, sentOffset: nil, replayer: me, searchFrom: from, createdMs: nowMs)
    }
    switch replayers[index].phase {
    case .begin:
      // Tansu may answer with less than the end.
      replayers[index].phase = .logEndRead(logEnd - Int64(random.next(below: 3)))
    case .logEndRead(let end):
      switch next(ledger, nowMs) {
      case .over: replayers[index].phase = .over
      case .wait, .send: replayers[index].phase = .begin
      case .claimFirst:
        ledger.append(claim(1, from: end))
        replayers[index].phase = .claimed
      case .search(let from, let attempt): replayers[index].phase = .searched(end: end, attempt: attempt, from: from)
      }
    case .searched(let end, let attempt, let from):
      if let found = sentOffsets.first(where: { $0 >= from }) {
        ledger.append(
          ReplayEntry(attempt: attempt, sentOffset: found, replayer: me, searchFrom: 0, createdMs: nowMs))
        replayers[index].phase = .over
      } else {
        // Between looking and claiming, time passes.
        replayers[index].phase = .claimed
        ledger.append(claim(attempt + 1, from: end))
      }
    case .claimed:
      if case .send(let attempt, let untilMs) = next(ledger, nowMs), untilMs >= nowMs + Self.leaseMs / 2 {
        replayers[index].phase = .mine(attempt: attempt, askedMs: nowMs)
      } else {
        replayers[index].phase = .begin
      }
    case .mine(let attempt, let askedMs):
      guard nowMs - askedMs < Self.leaseMs / 12 else {
        replayers[index].phase = .begin
        return
      }
      flights.append((nowMs + timeoutMs, nil, true))
      replayers[index].phase = .sent(attempt: attempt, flight: flights.count - 1)
    case .sent(let attempt, let flight):
      guard !flights[flight].isOpen else { return }
      if let offset = flights[flight].offset {
        ledger.append(
          ReplayEntry(attempt: attempt, sentOffset: offset, replayer: me, searchFrom: 0, createdMs: nowMs))
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
