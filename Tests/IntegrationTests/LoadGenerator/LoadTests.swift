import CZlib
import ClickHouse
import Foundation
import Kafka
import RealServers
import Testing

/// `kartoteka load` as a process, through the real collector into the real ClickHouse.
@Suite(.serialized) struct LoadTests {
  /// The platform's topics, and a database and a collector of this suite's own.
  private final class Platform {
    let environment: [String: String]
    let reader: ClickHouseConnection
    private let collector: Kartoteka

    init(startCollector: Bool = true) throws {
      var environment = ProcessInfo.processInfo.environment
      for name in ["CLICKHOUSE_URL", "KAFKA_BROKERS"] where environment[name] == nil {
        throw Failure("\(name) is not set: run the tests with `make test`, which starts the servers")
      }
      let id = UUID().uuidString.prefix(8).lowercased()
      environment["CLICKHOUSE_DATABASE"] = "load_\(id)"
      environment["COLLECTOR_GROUP"] = "load-\(id)"
      environment["COLLECTOR_PORT"] = "0"
      environment["COLLECTOR_FLUSH_INTERVAL"] = "200ms"
      self.environment = environment
      for arguments in [["migrate", "up"], ["topics", "apply"]] {
        // Topics are shared with other tests, two of which may create them at the same moment.
        var ended = try Kartoteka.run(arguments, environment: environment)
        if ended.status != 0 { ended = try Kartoteka.run(arguments, environment: environment) }
        guard ended.status == 0 else { throw Failure("\(arguments): \(ended.errors) \(ended.output)") }
      }
      collector = try Kartoteka(startCollector ? ["collector"] : ["--version"], environment: environment)
      reader = ClickHouseConnection(
        try ClickHouseConfiguration(
          url: environment["CLICKHOUSE_URL"]!, database: "load_\(id)", user: "analytics_reader",
          password: environment["CLICKHOUSE_PASSWORD_READER"] ?? "reader-local"))
    }

    func load(_ arguments: [String]) throws -> (status: Int32, result: [String: Any], errors: String) {
      let ended = try Kartoteka.run(["load", "--format", "json"] + arguments, environment: environment)
      let result = try? JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
      return (ended.status, result ?? [:], ended.errors)
    }

    func counts(_ sql: String) throws -> [String: Int] {
      let text = String(decoding: try reader.execute(sql + " FORMAT TabSeparatedRaw"), as: UTF8.self)
      return Dictionary(
        uniqueKeysWithValues: text.split(separator: "\n").map {
          let cells = $0.split(separator: "\t")
          return (String(cells[0]), Int(cells[1]) ?? -1)
        })
    }

    deinit {
      collector.signal(SIGTERM)
      _ = collector.wait(seconds: 30)
      let writer = try? ClickHouseConnection(
        ClickHouseConfiguration(
          url: environment["CLICKHOUSE_URL"]!, user: "analytics_writer",
          password: environment["CLICKHOUSE_PASSWORD_WRITER"] ?? "writer-local"))
      _ = try? writer?.execute("DROP DATABASE IF EXISTS \(environment["CLICKHOUSE_DATABASE"]!)")
    }
  }

  @Test(.timeLimit(.minutes(4))) func generatedEventsWithFaultsAndRepetitionsAreVerified() throws {
    let platform = try Platform()
    let (status, result, errors) = try platform.load([
      "--count", "20000", "--seed", "42", "--poison", "300", "--duplicates", "100", "--verify", "--verify-timeout",
      "120s",
    ])
    #expect(status == 0, "\(errors)")
    #expect(result["sent"] as? Int == 20_400 && result["acked"] as? Int == 20_400)
    let verification = try #require(result["verification"] as? [String: Any])
    #expect(verification["ok"] as? Bool == true && verification["found"] as? Int == 20_400)
    #expect((verification["acked_to_queryable_ms"] as? [String: Any])?["p50"] is Double)
    // The same said by ClickHouse itself; ids of another test's load in the shared topics differ by seed.
    let dead = try #require(result["dead_letters"] as? [String: Int])
    #expect(dead.values.reduce(0, +) == 300 && dead.count == 15)
    let repeated = try platform.counts(
      "SELECT 'n', count() FROM (SELECT event_id FROM events GROUP BY event_id HAVING count() = 2)")
    #expect((repeated["n"] ?? 0) >= 100)
  }

  @Test(.timeLimit(.minutes(4))) func openLoopKeepsItsRate() throws {
    let platform = try Platform()
    let (status, result, errors) = try platform.load([
      "--rate", "2000", "--duration", "4s", "--verify", "--verify-timeout", "120s",
    ])
    #expect(status == 0, "\(errors)")
    #expect(result["sent"] as? Int == 8_000)
    #expect((result["seconds"] as? Double ?? 0) >= 3.9)
    #expect(result["intended_to_acked_ms"] is [String: Any])
  }

  /// Something that is not there must not be found: without a collector nothing arrives.
  @Test(.timeLimit(.minutes(2))) func whatIsMissingIsSaid() throws {
    let platform = try Platform(startCollector: false)
    let (status, result, _) = try platform.load([
      "--count", "500", "--poison", "20", "--verify", "--verify-timeout", "1s",
    ])
    #expect(status == 1)
    let verification = try #require(result["verification"] as? [String: Any])
    #expect(verification["ok"] as? Bool == false && verification["found"] as? Int == 0)
    let differences = try #require(verification["differences"] as? [String])
    #expect(differences.contains { $0.contains("card_created") && $0.contains("missing") })
    #expect(differences.contains { $0.contains("dead letters for bad_uuid") })
  }

  @Test(.timeLimit(.minutes(4))) func recordedEventsArriveByType() throws {
    let platform = try Platform()
    var expected: [String: Int]
    var path = ProcessInfo.processInfo.environment["KARTOTEKA_OULAD"] ?? ""
    if path.isEmpty {
      (path, expected) = try Self.recording()
    } else {
      expected = [
        "course_created": 22, "user_registered": 28_755, "course_enrolled": 32_548, "learning_session_started": 13_905,
        "learning_session_finished": 13_905,
      ]
    }
    let (status, result, errors) = try platform.load(["--file", path, "--verify", "--verify-timeout", "180s"])
    #expect(status == 0, "\(errors)")
    #expect(result["by_type"] as? [String: Int] == expected)
    #expect(result["sent"] as? Int == expected.values.reduce(0, +))
  }

  @Test(.timeLimit(.minutes(2))) func badLinesStopTheReplayUnlessSkipped() throws {
    let platform = try Platform(startCollector: false)
    let (good, _) = try Self.recording()
    let file = FileManager.default.temporaryDirectory.appending(path: "bad-\(UUID().uuidString).ndjson").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let line = #"{"topic":"user.events","key":"1","event":{"x":1}}"#
    try "\(line)\n{\"topic\":\"nowhere\",\"event\":{}}\n\(line)\n".write(
      toFile: file, atomically: true, encoding: .utf8)
    let strict = try platform.load(["--file", file])
    #expect(strict.status == 1 && strict.errors.contains("line 2"), "\(strict.errors)")
    let lenient = try platform.load(["--file", file, "--skip-bad"])
    #expect(lenient.status == 0 && lenient.errors.contains("line 2"), "\(lenient.errors)")
    #expect(lenient.result["sent"] as? Int == 2 && lenient.result["skipped_lines"] as? Int == 1)
    let part = try platform.load(["--file", good, "--count", "10"])
    #expect(part.status == 0 && part.result["sent"] as? Int == 10)
  }

  /// A small recording, compressed, and its counts by type.
  private static func recording() throws -> (path: String, counts: [String: Int]) {
    var text = ""
    var counts: [String: Int] = [:]
    for number in 0..<400 {
      let event = SampleEvents.event(number)
      let type = String(event.split(separator: "\"event_type\":\"")[1].prefix { $0 != "\"" })
      counts[type, default: 0] += 1
      let topic = type.hasPrefix("course") ? "course.events" : "learning.events"
      text += #"{"topic":"\#(topic)","key":"\#(number % 97)","event":\#(event)}"# + "\n"
    }
    let path = FileManager.default.temporaryDirectory.appending(path: "recorded-\(UUID().uuidString).ndjson.gz").path
    let file = gzopen(path, "wb")
    let bytes = Array(text.utf8)
    guard gzwrite(file, bytes, UInt32(bytes.count)) == bytes.count else { throw Failure("cannot write \(path)") }
    gzclose(file)
    return (path, counts)
  }
}
