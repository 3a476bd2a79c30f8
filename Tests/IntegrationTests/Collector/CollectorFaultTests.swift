import Foundation
import RealServers
import Testing

/// Real processes, killed without warning.
@Suite(.serialized) struct CollectorFaultTests {
  /// Sends `count` messages over about `seconds`, every 50th poison, every 70th a tombstone.
  private func produce(_ bench: CollectorBench, from first: Int, count: Int) throws -> (events: Int, dead: Int) {
    var events = 0
    var dead = 0
    for number in first..<(first + count) {
      let topic = number % bench.topics.count
      if number % 50 == 7 {
        try bench.send(#"{"event_id":"broken \#(number)"#, key: "\(number % 97)", topic: topic)
        dead += 1
      } else if number % 70 == 11 {
        try bench.send(nil as String?, key: "\(number % 97)", topic: topic)
      } else {
        try bench.send(SampleEvents.event(number), key: "\(number % 97)", topic: topic)
        events += 1
      }
    }
    try bench.flush()
    return (events, dead)
  }

  private func check(_ bench: CollectorBench, events: Int, dead: Int) throws {
    #expect(try bench.number("SELECT count() FROM events") == events)
    #expect(try bench.number("SELECT uniqExact(event_id) FROM events") == events)
    #expect(try bench.number("SELECT uniqExact((topic, kafka_partition, kafka_offset)) FROM events") == events)
    #expect(try bench.number("SELECT count() FROM dead_letters") == dead)
    #expect(try bench.number("SELECT uniqExact((topic, kafka_partition, kafka_offset)) FROM dead_letters") == dead)
    let audit = try bench.audit()
    #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
    #expect(audit.output.contains("audit holds"))
  }

  @Test(.timeLimit(.minutes(6))) func tenKillsOfTheCollectorUnderLoad() throws {
    let bench = try CollectorBench()
    var sent = (events: 0, dead: 0)
    var generator = SystemRandomNumberGenerator()
    for round in 0..<10 {
      let collector = try bench.startCollector()
      let part = try produce(bench, from: round * 4_000, count: 4_000)
      sent.events += part.events
      sent.dead += part.dead
      // Wait until it is at work, so that the kill hits a decode, a claim, an INSERT or a commit.
      let before = try bench.number("SELECT count() FROM ranges")
      _ = try eventually(within: 20, every: 0.01) { try bench.number("SELECT count() FROM ranges") > before }
      usleep(UInt32.random(in: 0..<60_000, using: &generator))
      collector.signal(SIGKILL)
      #expect(collector.wait() == 128 + SIGKILL)
    }
    let last = try bench.startCollector()
    #expect(bench.awaitRows(events: sent.events, deadLetters: sent.dead), "\(last.errors)")
    last.signal(SIGTERM)
    #expect(last.wait(seconds: 30) == 0, "\(last.errors)")
    try check(bench, events: sent.events, dead: sent.dead)
  }

  @Test(.timeLimit(.minutes(6))) func killsAndRestartsOfClickHouseUnderLoad() throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["clickhouse"])
    let servers = try profile.environment().filter { $0.key.hasPrefix("CLICKHOUSE") }
    let bench = try CollectorBench(servers: servers)
    let collector = try bench.startCollector()
    var sent = (events: 0, dead: 0)
    var lost = TokensWithoutParts()
    for round in 0..<4 {
      let part = try produce(bench, from: round * 5_000, count: 5_000)
      sent.events += part.events
      sent.dead += part.dead
      _ = eventually(within: 10, every: 0.01) {
        ((try? bench.number("SELECT count() FROM events")) ?? 0) > sent.events - 5_000 + 500
      }
      try profile.killNine("clickhouse")
      usleep(500_000)
      try lost.look(at: profile)
      #expect(collector.isRunning, "\(collector.errors)")
      try profile.start(["clickhouse"])
    }
    // Where something is missing, this tells whether ClickHouse's files say why.
    let why = lost.found.isEmpty ? "" : "killed between a token and its part: \(lost); "
    #expect(bench.awaitRows(events: sent.events, deadLetters: sent.dead), "\(why)\(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
    try check(bench, events: sent.events, dead: sent.dead)
  }

  /// ClickHouse is away, so a stop would wait for the deadline with what was read.
  @Test(.timeLimit(.minutes(3))) func aSecondSignalEndsTheDrain() throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["clickhouse"])
    let bench = try CollectorBench(servers: try profile.environment().filter { $0.key.hasPrefix("CLICKHOUSE") })
    let collector = try bench.startCollector(["COLLECTOR_STOP_DEADLINE": "60s", "LOG_FORMAT": "json"])
    var sent = try produce(bench, from: 0, count: 1_000)
    #expect(bench.awaitRows(events: sent.events, deadLetters: sent.dead), "\(collector.errors)")
    try profile.killNine("clickhouse")
    let more = try produce(bench, from: 1_000, count: 1_000)
    sent = (sent.events + more.events, sent.dead + more.dead)
    #expect(eventually(within: 20, every: 0.1) { collector.errors.contains(#""retry":"yes""#) }, "\(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 3) == nil, "it flushes: \(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 3) == 143, "\(collector.errors)")
    try profile.start(["clickhouse"])
    let next = try bench.startCollector()
    #expect(bench.awaitRows(events: sent.events, deadLetters: sent.dead), "\(next.errors)")
    next.signal(SIGTERM)
    #expect(next.wait(seconds: 30) == 0, "\(next.errors)")
    try check(bench, events: sent.events, dead: sent.dead)
  }

  @Test(.timeLimit(.minutes(4))) func aSleeperWakesAfterAnotherTookOver() throws {
    let bench = try CollectorBench()
    let first = try bench.startCollector()
    var sent = try produce(bench, from: 0, count: 3_000)
    #expect(bench.awaitRows(events: sent.events, deadLetters: sent.dead), "\(first.errors)")
    let more = try produce(bench, from: 3_000, count: 6_000)
    sent = (sent.events + more.events, sent.dead + more.dead)
    usleep(150_000)
    first.signal(SIGSTOP)
    let second = try bench.startCollector()
    #expect(bench.awaitRows(events: sent.events, deadLetters: sent.dead), "\(second.errors)")
    first.signal(SIGCONT)
    let last = try produce(bench, from: 9_000, count: 6_000)
    sent = (sent.events + last.events, sent.dead + last.dead)
    #expect(bench.awaitRows(events: sent.events, deadLetters: sent.dead), "\(first.errors)\(second.errors)")
    for collector in [first, second] {
      collector.signal(SIGTERM)
      #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
    }
    try check(bench, events: sent.events, dead: sent.dead)
  }
}

/// Ranges larger than a block, which are encoded before they are claimed.
@Suite(.serialized) struct LargeRangeTests {
  private func produce(_ bench: CollectorBench, _ numbers: Range<Int>) throws {
    for number in numbers { try bench.send(SampleEvents.event(number), key: "\(number % 97)") }
    try bench.flush()
  }

  private func check(_ bench: CollectorBench, events: Int) throws {
    #expect(try bench.number("SELECT uniqExact(event_id) FROM events") == events)
    let audit = try bench.audit()
    #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
    #expect(audit.output.contains("audit holds"))
  }

  /// A range of several blocks is one INSERT; whoever repeats it adds nothing.
  @Test(.timeLimit(.minutes(4))) func aRangeOfSeveralBlocksIsRepeated() throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    try produce(bench, 0..<60_000)
    for round in 0..<2 {
      let collector = try bench.startCollector([
        "COLLECTOR_GROUP": "\(bench.id)-\(round)", "COLLECTOR_FLUSH_INTERVAL": "2s",
      ])
      #expect(bench.awaitRows(events: 60_000), "\(collector.errors)")
      try produce(bench, (60_000 + round)..<(60_001 + round))
      #expect(bench.awaitRows(events: 60_001 + round), "\(collector.errors)")
      collector.signal(SIGTERM)
      #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
    }
    #expect(try bench.number("SELECT max(to_offset - from_offset) FROM ranges") > 20_000)
    #expect(try bench.number("SELECT count() FROM events") == 60_002)
    try check(bench, events: 60_002)
  }

  /// Another was first, and its range ends inside a block whose messages are no longer there: they are read again.
  @Test(.timeLimit(.minutes(4))) func aClaimIsLostToARangeThatEndsInsideABlock() throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    let collector = try bench.startCollector([
      "COLLECTOR_FLUSH_INTERVAL": "3s", "COLLECTOR_LEASE": "1s", "COLLECTOR_INSERT_TIMEOUT": "1s",
    ])
    #expect(eventually(within: 30, every: 0.1) { collector.errors.contains("assigned") }, "\(collector.errors)")
    _ = try bench.writer.execute(
      """
      INSERT INTO ranges (topic, kafka_partition, from_offset, to_offset, events, dead_letters, skipped, parts, decoder,
        writer, created_at, expires_at, protocol, incarnation, first_day, last_day)
      SELECT '\(bench.topics[0])', 0, 0, 1000, 1000, 0, 0, 13, 1, '\(UUID().uuidString)', now64(3) AS now,
        now + INTERVAL 2 SECOND, 2, (SELECT max(incarnation) FROM recoveries), '2025-01-01', '2025-12-31'
      """)
    try produce(bench, 0..<40_000)
    #expect(bench.awaitRows(events: 40_000), "\(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
    #expect(try bench.number("SELECT count() FROM events") == 40_000)
    #expect(try bench.number("SELECT min(to_offset) FROM ranges WHERE from_offset = 0 AND NOT mark") == 1000)
    #expect(try bench.number("SELECT count() FROM ranges WHERE from_offset = 0 AND NOT mark") == 2)
    #expect(try bench.number("SELECT count() FROM ranges WHERE from_offset = 1000") > 0)
    try check(bench, events: 40_000)
  }
}

/// Ranges that are finished by another decoder than began them, after views missed their share.
@Suite(.serialized) struct ReconcilingTests {
  private let views = ["activity_hourly_view", "user_daily_view", "deck_daily_view", "course_daily_view"]

  /// Runs a collector in a group of its own, so that it begins with the last claimed range of each partition, until all is
  /// in and it has nothing to do.
  private func collect(
    _ bench: CollectorBench, keepAddresses: Bool, rows: Int, marks: Int, withoutViews: Bool = false
  ) throws {
    let collector = try bench.startCollector([
      "COLLECTOR_GROUP": "\(bench.id)-\(UUID().uuidString)", "EMAIL_KEEP_ADDRESSES": "\(keepAddresses)",
      "COLLECTOR_LEASE": "1s", "COLLECTOR_INSERT_TIMEOUT": "1s",
    ])
    if withoutViews {
      // A start without them is refused; the group gives partitions out three seconds later.
      #expect(eventually(within: 30, every: 0.05) { collector.errors.contains("ClickHouse keeps what") })
      collector.signal(SIGSTOP)
      #expect(!collector.errors.contains("assigned"), "too late: \(collector.errors)")
      try views("DETACH", of: bench)
      collector.signal(SIGCONT)
    }
    let settled = eventually(within: 60, every: 0.2) {
      (try? bench.number("SELECT count() FROM events")) == rows
        && (try? bench.number("SELECT uniqExactIf((topic, kafka_partition, writer), mark) FROM ranges")) == marks
    }
    #expect(settled, "\(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
  }

  private func views(_ what: String, of bench: CollectorBench) throws {
    for view in views { _ = try bench.writer.execute("\(what) TABLE \(view)") }
  }

  @Test(.timeLimit(.minutes(4))) func viewsThatMissedAClaimedRangeGetIt() throws {
    let bench = try CollectorBench(topics: 1, partitions: 2)
    for number in 0..<2_000 { try bench.send(SampleEvents.event(number), key: "\(number % 97)") }
    try bench.flush()
    // As if ClickHouse had died each time between the table and its views.
    try collect(bench, keepAddresses: false, rows: 2_000, marks: 0, withoutViews: true)
    #expect(try bench.number("SELECT uniqExact((topic, kafka_partition)) FROM ranges") == 2)
    #expect(try bench.number("SELECT max(from_offset) FROM ranges") == 0, "one range a partition, to be repeated whole")
    try views("ATTACH", of: bench)
    #expect(try bench.audit().status == 1)
    try collect(bench, keepAddresses: true, rows: 2_000, marks: 2)
    let audit = try bench.audit()
    #expect(audit.status == 0, "\(audit.output)")
  }

  @Test(.timeLimit(.minutes(4))) func viewsThatMissedAReconciledRangeGetIt() throws {
    let bench = try CollectorBench(topics: 1, partitions: 2)
    for number in 0..<2_000 { try bench.send(SampleEvents.event(number), key: "\(number % 97)") }
    try bench.flush()
    try collect(bench, keepAddresses: false, rows: 2_000, marks: 0)
    // As if the claimed range had never arrived …
    for table in ["events", "activity_hourly", "user_daily", "deck_daily", "course_daily"] {
      _ = try bench.writer.execute("TRUNCATE TABLE \(table)")
    }
    // … and ClickHouse had died between table and views when it was reconciled.
    try collect(bench, keepAddresses: true, rows: 2_000, marks: 2, withoutViews: true)
    try views("ATTACH", of: bench)
    #expect(try bench.audit().status == 1)
    try collect(bench, keepAddresses: false, rows: 2_000, marks: 4)
    let audit = try bench.audit()
    #expect(audit.status == 0, "\(audit.output)")
  }
}
