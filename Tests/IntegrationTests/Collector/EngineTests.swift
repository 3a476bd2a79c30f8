import Collector
import Foundation
import Migrations
import RealServers
import Testing

/// The INSERT that ships, with the migrations and settings that ship, inside ClickHouse engines newer than the test server.
@Suite struct EngineTests {
  private struct Plan: Encodable {
    let migrations: [String]
    let columns: [String: [[String]]]
    let settings: [String: String]
    let insert: [String: String]
    let run = Self.run

    private static let run = "01234567-89ab-4def-8123-456789abcdef"
    private static let otherRun = "11234567-89ab-4def-8123-456789abcdef"

    init() throws {
      migrations = try Migration.load(folder: Kartoteka.root.appending(path: "clickhouse").path)
        .flatMap { $0.statements.map(\.text) }
      let tables = [BlockTable.events, .deadLetters]
      columns = Dictionary(
        uniqueKeysWithValues: tables.map { ($0.rawValue, $0.columns.map { [$0.name, $0.type] }) })
      settings = RangeInsert.settings(token: "", timeoutMs: 60_000)
      let run = Incarnation(Self.run)
      let ahead = Lease(untilMs: 4_000_000_000_000, in: run)
      let events = BlockTable.events.insert
      insert = [
        "events": events.text(ahead), "dead_letters": BlockTable.deadLetters.insert.text(ahead),
        "over": events.text(Lease(untilMs: 1_000, in: run)),
        "of another run": events.text(Lease(untilMs: 4_000_000_000_000, in: Incarnation(Self.otherRun))),
        "resending": events.resending(ahead, where: "kafka_offset >= 0"),
        "missing": events.text(
          ahead, stampMs: 1_000,
          where: [
            "kafka_offset NOT IN (SELECT kafka_offset FROM events WHERE ingested_at != fromUnixTimestamp64Milli(toInt64(1000)))"
          ]),
      ]
    }
  }

  private struct Step: Decodable {
    let step: String
    let ok: Bool
    let found: [String: String?]
  }

  /// A pin of scripts/wheels-tests.txt, and the ClickHouse inside.
  @Test(arguments: [("chdb", "25.8."), ("chdb-core", "26.9.")])
  func theTokenHolds(pin: String, version: String) throws {
    let ended = try Self.run(pin, input: JSONEncoder().encode(Plan()))
    let steps = try ended.output.split(separator: "\n").map { try JSONDecoder().decode(Step.self, from: Data($0.utf8)) }
    for step in steps { #expect(step.ok, "\(step.step): \(step.found)") }
    #expect(steps.first?.found["version"]??.hasPrefix(version) == true)
    #expect(ended.status == 0 && steps.count >= 18, "\(steps.count) steps, \(ended.errors.suffix(2_000))")
  }

  /// An engine in a process of its own; one that hangs is ended.
  private static func run(_ pin: String, input: Data) throws -> Kartoteka.Ended {
    let folder = FileManager.default.temporaryDirectory.appending(path: "engine-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["in", "out", "err"].map { folder.appending(path: $0) }
    try input.write(to: files[0])
    for file in files.dropFirst() { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    process.arguments = [
      "--kill-after=5", "240", "python3", Kartoteka.root.appending(path: "Tests/Engines/token_semantics.py").path, pin,
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Kartoteka.Ended(
      status: process.terminationStatus, output: try String(contentsOf: files[1], encoding: .utf8),
      errors: try String(contentsOf: files[2], encoding: .utf8))
  }
}
