import ServiceStore
import Testing

/// The relay that ships, against writers whose transactions overlap in every way, and all that may fail.
@Suite struct RelaySimulationTests {
  private typealias Weather = RelayWorld.Weather

  private static let runs: UInt64 = 150

  /// - Returns: the first problem and its seed.
  private func firstProblem(
    _ weather: Weather, reading: SimulatedDatabase.Reading = .closed, runs: UInt64 = runs
  ) -> String? {
    for seed in 0..<runs {
      let problems = RelayWorld(seed: seed, weather, reading: reading).run(transactions: 60)
      if let first = problems.first { return "seed \(seed): \(first)" }
    }
    return nil
  }

  @Test func fairWeather() { #expect(firstProblem(Weather()) == nil) }

  @Test func sessionsAndServerAreLost() { #expect(firstProblem(Weather(sessionLosses: true)) == nil) }

  @Test func theBrokerGoesAndComes() {
    #expect(firstProblem(Weather(brokerOutages: true, failures: true)) == nil)
  }

  @Test func theClientBreaks() { #expect(firstProblem(Weather(sessionLosses: true, fatalErrors: true)) == nil) }

  @Test func theBrokerForgetsTheClient() { #expect(firstProblem(Weather(forgottenClients: true)) == nil) }

  @Test func theProcessIsKilled() { #expect(firstProblem(Weather(kills: true, brokerOutages: true)) == nil) }

  @Test func twoRelaysTakeOverFromEachOther() {
    #expect(firstProblem(Weather(relays: 2, kills: true, sessionLosses: true, brokerOutages: true)) == nil)
  }

  @Test func whatKafkaRefusesIsParked() {
    #expect(firstProblem(Weather(sessionLosses: true, poison: true)) == nil)
    #expect(firstProblem(Weather(poison: true, refusesBatches: true)) == nil)
  }

  @Test func everythingAtOnce() {
    let all = Weather(
      relays: 3, kills: true, sessionLosses: true, brokerOutages: true, failures: true, fatalErrors: true,
      forgottenClients: true, poison: true)
    #expect(firstProblem(all, runs: 2 * Self.runs) == nil)
  }

  /// Each of the other ways to read the outbox does harm, and the simulation sees it.
  @Test(arguments: [
    (SimulatedDatabase.Reading.overGaps, "committed"), (.cursor, "rows are still in the outbox"),
    (.excludingNothing, "sent twice"),
  ]) func wrongReadingsAreFound(reading: SimulatedDatabase.Reading, problem: String) throws {
    let found = try #require(firstProblem(Weather(), reading: reading))
    #expect(found.contains(problem), "\(found)")
  }

  @Test func aTopicThatIsNotThereHoldsUpNoOther() {
    for seed in 0..<Self.runs {
      #expect(RelayWorld(seed: seed, Weather()).runWithoutTopic(transactions: 30) == [], "seed \(seed)")
    }
  }

  @Test func aStopSendsWhatIsCommitted() {
    for seed in 0..<Self.runs {
      let world = RelayWorld(seed: seed, Weather())
      #expect(world.runAndStop(transactions: 20) == [], "seed \(seed)")
    }
  }
}
