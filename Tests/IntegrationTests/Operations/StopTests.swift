import Foundation
import RealServers
import Testing

/// How roles end; no server is needed, for none answers here.
@Suite(.serialized) struct StopTests {
  private let nowhere = [
    "KAFKA_BROKERS": "127.0.0.1:1", "CLICKHOUSE_URL": "http://127.0.0.1:1", "COLLECTOR_PORT": "0",
    "ANALYTICS_PORT": "0",
    "LOG_FORMAT": "json",
  ]

  @Test(arguments: [(SIGTERM, Int32(143)), (SIGINT, Int32(130))])
  func aSecondSignalEndsAtOnce(signal: Int32, status: Int32) async throws {
    // A load whose broker does not answer asks for its topics for ten seconds, whatever it is told.
    let load = try Kartoteka(["load", "--count", "10"], environment: nowhere)
    try await Task.sleep(for: .seconds(2))
    load.signal(signal)
    try await Task.sleep(for: .seconds(1))
    #expect(load.isRunning)
    let start = ContinuousClock.now
    load.signal(signal)
    #expect(load.wait(seconds: 20) == status)
    #expect(ContinuousClock.now - start < .seconds(3))
  }

  @Test(arguments: ["collector", "analytics"], [SIGTERM, SIGINT])
  func oneSignalEndsCleanly(role: String, signal: Int32) async throws {
    let running = try Kartoteka([role], environment: nowhere)
    try await Task.sleep(for: .seconds(2))
    #expect(running.isRunning)
    running.signal(signal)
    #expect(running.wait(seconds: 20) == 0, "\(running.errors)")
  }

  @Test func aTakenPortEndsTheCollector() async throws {
    let first = try Kartoteka(["collector"], environment: nowhere)
    let port = try await Self.port(of: first)
    let second = try Kartoteka.run(["collector", "--port", port], environment: nowhere)
    #expect(second.status == 1 && second.errors.contains("Port \(port) on 127.0.0.1 is taken"), "\(second.errors)")
    first.signal(SIGTERM)
    #expect(first.wait(seconds: 20) == 0)
  }

  private static func port(of collector: Kartoteka) async throws -> String {
    for _ in 0..<100 {
      if let match = collector.errors.firstMatch(of: /"message":"listening","port":"(\d+)"/) { return String(match.1) }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Failure("no port was told: \(collector.errors)")
  }
}
