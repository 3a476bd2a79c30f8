import Blocking
import ClickHouse
import EventSchema
import Foundation
import Kafka

/// One load from beginning to end: send, follow, verify. Everything here blocks; run it on a thread of its own.
package struct LoadPlan: Sendable {
  package enum Input: Sendable {
    case world(WorldConfiguration, poison: Int, duplicates: Int)
    case recording(path: String, limit: Int?, skipsBadLines: Bool)
  }

  package struct Verification: Sendable {
    package var clickHouse: ClickHouseConfiguration
    package var timeoutSeconds: Double

    package init(clickHouse: ClickHouseConfiguration, timeoutSeconds: Double) {
      self.clickHouse = clickHouse
      self.timeoutSeconds = timeoutSeconds
    }
  }

  package let input: Input
  package let kafka: KafkaConfiguration
  /// Messages a second; nil for as fast as possible.
  package let rate: Double?
  package let verification: Verification?

  package init(input: Input, kafka: KafkaConfiguration, rate: Double?, verification: Verification?) {
    self.input = input
    // What goes wrong is said once, in our own words.
    self.kafka = KafkaConfiguration(
      brokers: kafka.brokers, properties: ["log_level": "0"].merging(kafka.properties) { _, given in given })
    self.rate = rate
    self.verification = verification
  }

  /// - Throws: what keeps the run from beginning, and the source's error (a bad line) after everything before it is settled.
  package func run(stop: CancellationFlag, display: ProgressDisplay = ProgressDisplay()) throws -> LoadResult {
    let source = try makeSource(display)
    let producer = try KafkaProducer(kafka)
    try checkReachable()
    let parts = try verification.map { try Self.knownParts($0.clickHouse) }
    let probe = verification.map { _ in
      // All of a slow run, one in 64 of a fast one.
      QueryableProbe(stride: rate.map { Int($0 / 5_000) } ?? 64)
    }
    let watching = startWatching(probe, since: parts)
    var options = LoadRun.Options()
    options.rate = rate
    options.progressEverySeconds = display.intervalSeconds
    let (outcome, error) = LoadRun(source: source, producer: producer, options: options, probe: probe)
      .run(stop: stop) { display.show($0) }
    var result = LoadResult(outcome, source: source, seed: seed, file: path, rate: rate)
    if let verification {
      // The verification reads all that was sent: it would slow what the last marks measure.
      probe?.awaitDone(seconds: 5, stop: stop)
      let verdict = Verifier(outcome.ledger, configuration: verification.clickHouse)
        .run(timeoutSeconds: verification.timeoutSeconds, stop: stop.isRaised ? CancellationFlag() : stop) {
          display.showVerifying($0, of: $1)
        }
      probe?.end(now: !verdict.holds)
      watching?.join()
      result.verification = .init(verdict, ledger: outcome.ledger, probe: probe?.result)
    }
    display.end()
    if let error { throw error }
    return result
  }

  private func makeSource(_ display: ProgressDisplay) throws -> any MessageSource {
    switch input {
    case .world(let configuration, let poison, let duplicates):
      SyntheticSource(configuration, poison: poison, duplicates: duplicates)
    case .recording(let path, let limit, let skipsBadLines):
      try ReplaySource(
        path: path, limit: limit, skipsBadLines: skipsBadLines, nowMs: Int64(Date().timeIntervalSince1970 * 1_000),
        warn: { display.warn($0) })
    }
  }

  private var seed: UInt64? {
    if case .world(let configuration, _, _) = input { configuration.seed } else { nil }
  }

  private var path: String? {
    if case .recording(let path, _, _) = input { path } else { nil }
  }

  /// A wrong address or a missing topic is better said now than as a minute of silence.
  private func checkReachable() throws {
    let topics = Set(try KafkaAdmin(kafka, timeoutMs: 10_000).topics().map(\.name))
    let missing = Self.topics.filter { !topics.contains($0) }
    guard missing.isEmpty else { throw LoadError.missingTopics(missing, brokers: kafka.brokers) }
  }

  /// - Throws: what keeps the verification from reading.
  private static func knownParts(_ configuration: ClickHouseConfiguration) throws -> KnownParts {
    let connection = ClickHouseConnection(configuration)
    _ = try connection.execute("SELECT count() FROM dead_letters WHERE 0")
    return try KnownParts(connection)
  }

  private func startWatching(_ probe: QueryableProbe?, since parts: KnownParts?) -> BlockingThread? {
    guard let probe, let parts, let configuration = verification?.clickHouse else { return nil }
    return BlockingThread("load probe") { probe.watch(configuration, since: parts) }
  }

  private static let topics = Catalogue.v1.topics.map(\.name)
}

/// Why a load cannot begin.
package enum LoadError: Error, CustomStringConvertible, Equatable {
  case missingTopics([String], brokers: String)

  package var description: String {
    switch self {
    case .missingTopics(let names, let brokers):
      "the brokers at \(brokers) lack the topics \(names.joined(separator: ", ")): run `kartoteka topics apply` first"
    }
  }
}
