import DeadLetters
import Foundation
import Kafka
import RealServers
import Testing

/// Dead letters sent once more: through the same path, each once.
@Suite struct DeadLetterTests {
  /// Kafka's time of these messages, long before the events' own: the collector refuses them as `time_in_future`. Sent
  /// today, they are valid.
  private static let before = Int64(1_700_000_000_000)

  private let bench: CollectorBench
  private let collector: Kartoteka

  init() throws {
    bench = try CollectorBench(topics: 2, partitions: 2)
    collector = try bench.startCollector()
  }

  private func send(_ value: String, timestampMs: Int64? = nil, key: String = "k", topic: Int = 0, partition: Int32 = 0)
    throws
  {
    try Array(key.utf8).withUnsafeBytes { key in
      try Array(value.utf8).withUnsafeBytes { value in
        try bench.producer.send(
          topic: bench.topics[topic], key: key, value: value, partition: partition, timestampMs: timestampMs, token: 0)
      }
    }
  }

  /// Letters that are valid now, spread over topics and partitions.
  private func setAside(_ count: Int) throws {
    for number in 0..<count {
      try send(
        SampleEvents.event(number), timestampMs: Self.before, key: "\(number % 7)", topic: number % 2,
        partition: Int32(number / 2 % 2))
    }
    try bench.flush()
    #expect(bench.awaitRows(events: 0, deadLetters: count, seconds: 30), "\(collector.errors)")
  }

  private func deadLetters(_ arguments: String..., lease: String = "2s") throws -> Kartoteka.Ended {
    try Kartoteka.run(["deadletters"] + arguments, environment: environment(lease))
  }

  private func environment(_ lease: String) -> [String: String] {
    bench.environment.merging(["DEADLETTERS_LEASE": lease]) { _, ours in ours }
  }

  /// Each event once, each letter still there, and the audit content.
  private func expectOnce(events: Int, letters: Int) throws {
    #expect(bench.awaitRows(events: events, deadLetters: letters, seconds: 30), "\(collector.errors)")
    // What would come twice, comes now.
    usleep(1_500_000)
    #expect(
      try bench.rows("SELECT count(), uniqExact(event_id), (SELECT count() FROM dead_letters) FROM events")
        == [["\(events)", "\(events)", "\(letters)"]])
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
    let audit = try bench.audit()
    #expect(audit.status == 0, "\(audit.output)")
  }

  @Test(.timeLimit(.minutes(3))) func whatIsValidNowEntersOnceAndTheRestStays() throws {
    try setAside(12)
    try send("{\"a\":\"\u{1b}[2J\"", key: "poison")
    try bench.flush()
    #expect(bench.awaitRows(events: 0, deadLetters: 13, seconds: 30))

    let list = try deadLetters("list", "--reason", "time_in_future", "--topic", bench.topics[0], "--limit", "4")
    #expect(list.status == 0, "\(list.errors)")
    #expect(list.output.contains("\(bench.topics[0])/0/0 "), "\(list.output)")
    #expect(list.output.contains("There are more: --after \(bench.topics[0])/1/0"), "\(list.output)")
    let page = try deadLetters("list", "--after", "\(bench.topics[0])/1/0", "--topic", bench.topics[0], "--json")
    #expect(page.output.split(separator: "\n").count == 2, "\(page.output)")
    let summary = try deadLetters("list", "--summary", "--since", "1h")
    #expect(summary.output.contains("all") && summary.output.contains("13       13"), "\(summary.output)")
    #expect(try deadLetters("list", "--until", "2020-01-01").output == "No dead letters of this kind.\n")
    #expect(try deadLetters("list", "--reason", "nonsense").status == 64)

    let poison = "\(bench.topics[0])/0/3"
    let shown = try deadLetters("show", poison)
    #expect(shown.output.contains("now         invalid: malformed_json, at byte "), "\(shown.output)")
    #expect(shown.output.contains(#"\u{1b}[2J"#) && !shown.output.contains("\u{1b}"))
    #expect(try deadLetters("show", poison, "--raw").output == "{\"a\":\"\u{1b}[2J\"")
    #expect(try deadLetters("show", "\(bench.topics[0])/0/99").errors.contains("no dead letter"))

    let dry = try deadLetters("replay", "--all", "--dry-run")
    #expect(dry.status == 0 && dry.output.contains("all             13       12"), "\(dry.output)\(dry.errors)")
    #expect(try bench.number("SELECT count() FROM dead_letter_replays") == 0)
    #expect(try deadLetters("replay").status == 64)

    let sent = try deadLetters("replay", "--all")
    #expect(sent.status == 0 && sent.output.contains("time_in_future  12       12"), "\(sent.output)\(sent.errors)")
    let again = try deadLetters("replay", "--all", "--json")
    #expect(again.status == 0 && again.output.split(separator: "\n").count { $0.contains("sent_before") } == 12)
    #expect(bench.awaitRows(events: 12, seconds: 30))
    let pending = try deadLetters("list", "--pending", "--json")
    #expect(pending.output.split(separator: "\n").count == 1, "\(pending.output)")
    let one = try deadLetters("show", "\(bench.topics[1])/0/0")
    #expect(one.output.contains("now an event"), "\(one.output)")
    // Same partition, and so the same order, with the same key.
    #expect(
      try bench.number(
        """
        SELECT count() FROM events AS e JOIN dead_letter_replays AS r ON e.topic = r.topic
          AND e.kafka_partition = r.kafka_partition AND e.kafka_offset = r.sent_offset AND e.event_id = r.event_id
        WHERE state = 'done'
        """) == 12)
    try expectOnce(events: 12, letters: 13)
  }

  @Test(.timeLimit(.minutes(3))) func aMendedMessageTakesItsLettersPlace() throws {
    for number in 0..<4 { try send("poison \(number)") }
    try bench.flush()
    #expect(bench.awaitRows(events: 0, deadLetters: 4, seconds: 30))
    let folder = FileManager.default.temporaryDirectory.appending(path: "letters-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "mended.json")
    try (SampleEvents.event(1) + "\n").write(to: file, atomically: true, encoding: .utf8)
    let mended = try deadLetters("replay", "\(bench.topics[0])/0/0", "--file", file.path)
    #expect(mended.status == 0 && mended.output.contains("malformed_json  1        1"), "\(mended.output)")
    #expect(bench.awaitRows(events: 1, seconds: 30))

    // One good, one still bad, one whose event is in already, one that names no letter.
    func line(_ offset: Int, _ value: String) throws -> String {
      let object: [String: Any] = ["topic": bench.topics[0], "partition": 0, "offset": offset, "value": value]
      return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }
    let lines = try [
      line(1, SampleEvents.event(2)), line(2, "{}"), line(3, SampleEvents.event(1)), line(77, SampleEvents.event(3)),
    ].joined(separator: "\n")
    let corrections = folder.appending(path: "mended.ndjson")
    try lines.write(to: corrections, atomically: true, encoding: .utf8)
    let several = try deadLetters("replay", "--corrections", corrections.path)
    #expect(several.status == 1)
    #expect(several.errors.contains("\(bench.topics[0])/0/2: the correction is refused: missing_field, at event_id"))
    #expect(several.errors.contains("There is no dead letter at \(bench.topics[0])/0/77"))
    #expect(several.output.contains("sent  already there  refused"), "\(several.output)")
    try expectOnce(events: 2, letters: 4)
  }

  @Test(.timeLimit(.minutes(4))) func killedReplaysSendEachLetterOnce() throws {
    let count = 600
    try setAside(count)
    var kills = 0
    for round in 0..<12 {
      let replay = try Kartoteka(["deadletters", "replay", "--all"], environment: environment("1s"))
      usleep(UInt32(60_000 + round * 37_000))
      if replay.isRunning { kills += 1 }
      replay.signal(SIGKILL)
      replay.wait()
    }
    #expect(kills > 3)
    let last = try deadLetters("replay", "--all", lease: "1s")
    #expect(last.status == 0, "\(last.output)\(last.errors)")
    try expectOnce(events: count, letters: count)
  }

  @Test(.timeLimit(.minutes(3))) func whatAKilledReplayDidIsFoundOut() throws {
    try setAside(8)
    let partition = TopicPartition(topic: bench.topics[0], partition: 0)
    let kafka = KafkaConfiguration(brokers: bench.environment["KAFKA_BROKERS"]!)
    let end = try KafkaAdmin(kafka).watermarks(of: partition).high
    // Two intents; one of the two was sent; then silence.
    let ledger = ReplayLedger(bench.writer, leaseMs: 2_000)
    try ledger.write(
      [0, 4].enumerated().map {
        .init(offset: Int64($0.offset), attempt: 1, eventID: SampleEvents.id($0.element), sentOffset: nil)
      }, of: partition, searchFrom: end)
    try Array(SampleEvents.event(0).utf8).withUnsafeBytes { value in
      try bench.producer.send(
        topic: partition.topic, key: nil, value: value, partition: 0,
        headers: [KafkaHeader(LetterCoordinates.headerName, "\(partition)/0")], token: 0)
    }
    try bench.flush()
    #expect(try deadLetters("list", "--json").output.split(separator: "\n").count { $0.contains("begun") } == 2)
    let replay = try deadLetters("replay", "--all", "--json")
    #expect(replay.status == 0, "\(replay.errors)")
    let lines = replay.output.split(separator: "\n")
    #expect(lines.count { $0.contains(#""outcome":"sent_before""#) && $0.contains("\"sent_offset\":\(end)") } == 1)
    #expect(lines.count { $0.contains(#""outcome":"sent""#) } == 7, "\(replay.output)")
    #expect(replay.errors.contains("waiting up to"), "\(replay.errors)")
    try expectOnce(events: 8, letters: 8)
  }

  /// An hour's lease of another, who died: waited for by nobody who was given two seconds, were it not in the row.
  @Test(.timeLimit(.minutes(3))) func anothersLeaseIsReadFromItsRow() throws {
    try setAside(1)
    let partition = TopicPartition(topic: bench.topics[0], partition: 0)
    try ReplayLedger(bench.writer, leaseMs: 3_600_000).write(
      [.init(offset: 0, attempt: 1, eventID: SampleEvents.id(0), sentOffset: nil)], of: partition, searchFrom: 0)
    // A row of the version before has its minute.
    try bench.writer.execute(
      "INSERT INTO dead_letter_replays (topic, kafka_offset, state) SELECT 'before', 7, 'intent'")
    #expect(
      try bench.rows(
        "SELECT topic = 'before', dateDiff('second', created_at, expires_at) FROM dead_letter_replays ORDER BY 1")
        == [["0", "3600"], ["1", "60"]])
    let replay = try Kartoteka(["deadletters", "replay", "--all"], environment: environment("2s"))
    usleep(5_000_000)
    #expect(replay.isRunning && replay.errors.contains("waiting up to"), "\(replay.output)\(replay.errors)")
    replay.signal(SIGKILL)
    replay.wait()
    #expect(try bench.number("SELECT count() FROM events") == 0)
  }

  /// A letter whose event came another way waits for nothing once a replay has seen it.
  @Test(.timeLimit(.minutes(3))) func aLetterWhoseEventIsThereIsSettled() throws {
    try setAside(1)
    try send(SampleEvents.event(0))
    try bench.flush()
    #expect(bench.awaitRows(events: 1, deadLetters: 1, seconds: 30))
    #expect(try deadLetters("replay", "--all", "--dry-run").output.contains("already there"))
    #expect(try deadLetters("list", "--pending", "--json").output.split(separator: "\n").count == 1)
    #expect(try deadLetters("replay", "--all").status == 0)
    #expect(try deadLetters("list", "--pending").output == "No dead letters of this kind.\n")
    try expectOnce(events: 1, letters: 1)
  }

  @Test(.timeLimit(.minutes(4))) func replaysAtTheSameTimeShareTheWork() throws {
    let count = 400
    try setAside(count)
    let replays = try (0..<3).map { _ in
      try Kartoteka(["deadletters", "replay", "--all", "--json"], environment: environment("5s"))
    }
    for replay in replays { #expect(replay.wait() == 0, "\(replay.errors)") }
    let sent = replays.reduce(0) { $0 + $1.output.split(separator: "\n").count { $0.contains(#""outcome":"sent""#) } }
    #expect(sent == count)
    try expectOnce(events: count, letters: count)
  }
}
