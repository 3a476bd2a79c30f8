import Blocking
import ClickHouse
import Foundation
import LoadGenerator
import PlatformClient
import Synchronization

/// Load by made-up learners on the platform's API, from beginning to end: people and decks are made, then an open loop of
/// calls, then what is open is ended, then every event is looked for. Blocks; run it on a thread of its own.
package struct RestLoad: Sendable {
  package struct Verification: Sendable {
    let clickHouse: ClickHouseConfiguration
    let timeoutSeconds: Double

    package init(clickHouse: ClickHouseConfiguration, timeoutSeconds: Double) {
      self.clickHouse = clickHouse
      self.timeoutSeconds = timeoutSeconds
    }
  }

  /// `http://host:port`.
  package let gateway: String
  /// Requests a second.
  package let rate: Double
  package let durationSeconds: Double
  package let learners: Int
  package let seed: UInt64
  package let verification: Verification?

  private static let mostConnections = 128
  private static let settlingSeconds = 60.0

  package init(
    gateway: String, rate: Double, durationSeconds: Double, learners: Int, seed: UInt64, verification: Verification?
  ) {
    self.gateway = gateway
    self.rate = rate
    self.durationSeconds = durationSeconds
    self.learners = learners
    self.seed = seed
    self.verification = verification
  }

  /// - Throws: `PlatformError` or `ClickHouseError` when it cannot begin.
  package func run(stop: CancellationFlag, display: ProgressDisplay) throws -> RestLoadResult {
    if let verification {
      _ = try ClickHouseConnection(verification.clickHouse).execute("SELECT 1 FROM events WHERE 0")
    }
    let sinceMs = Int64(Date().timeIntervalSince1970 * 1000) - 60_000
    let run = "\(String(sinceMs, radix: 36))-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"
    let shelf = try LoadShelf(PatientCaller(makeConnection(), patience: .seconds(5)), run: run)
    let play = LoadPlay(
      try registered(run, shelf.decks, stop, display), rate: rate,
      requests: max(1, Int((rate * durationSeconds).rounded())), seed: seed)
    play.run(connections: min(learners, Self.mostConnections), stop: stop, makeConnection) { display.show($0) }
    let people = try ended(play.learners, display)
    var expected = shelf.expected
    for learner in people { expected.merge(learner.expected) }
    var result = RestLoadResult(self, play.tally, people, expected: expected, wasStopped: stop.isRaised)
    if let verification {
      let outcome = EventCheck(expected, verification.clickHouse, sinceMs: sinceMs)
        .run(timeoutSeconds: verification.timeoutSeconds, stop: stop.isRaised ? CancellationFlag() : stop) {
          display.showVerifying($0, of: expected.count)
        }
      result.verification = .init(outcome, expected)
    }
    display.end()
    return result
  }

  private func makeConnection() -> PlatformConnection { PlatformConnection(gateway) }

  /// Learners who are signed in, registered one after the other by a few threads: hashing passwords is what takes long.
  private func registered(
    _ run: String, _ decks: [Int64], _ stop: CancellationFlag, _ display: ProgressDisplay
  ) throws(PlatformError) -> [LoadLearner] {
    let learners = (0..<learners).map { LoadLearner(number: $0, run: run, seed: seed, decks: decks) }
    let count = Atomic(0)
    let deadline = Monotonic.now + Int64((Double(learners.count) + 60) * 1e9)
    return try crew("register", 4).work(on: learners) { learner, connection throws(PlatformError) in
      while !learner.isSignedIn {
        if stop.isRaised { throw .cancelled }
        let (reception, error) = learner.makeCall(over: connection)
        guard let error, !learner.isSignedIn else { continue }
        guard reception != .failed, Monotonic.now < deadline else { throw error }
        BlockingThread.sleep(.seconds(reception.restSeconds))
      }
      display.show("registered \(count.add(1, ordering: .relaxed).newValue.grouped) of \(learners.count.grouped)")
    }
  }

  /// The learners, once what they left open is ended, as far as that can be had.
  private func ended(_ learners: [LoadLearner], _ display: ProgressDisplay) throws(PlatformError) -> [LoadLearner] {
    let deadline = Monotonic.now + Int64(Self.settlingSeconds * 1e9)
    return try crew("end", 8).work(on: learners) { learner, connection throws(PlatformError) in
      learner.leave()
      while !learner.isGone, Monotonic.now < deadline {
        let (reception, _) = learner.makeCall(over: connection)
        BlockingThread.sleep(.seconds(reception.restSeconds))
      }
      display.show("ending what is open")
    }
  }

  private func crew(_ name: String, _ threads: Int) -> Crew {
    Crew(name: name, threads: threads) { [gateway] in PlatformConnection(gateway) }
  }
}
