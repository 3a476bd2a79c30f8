import Foundation
import Testing

/// The shipped worker over a simulated world. A failing seed is printed; `SIMULATION_SEED=n` runs that one alone.
@Suite(.serialized) struct RangeSimulationTests {
  private static let seeds: Range<UInt64> = 0..<100_000

  @Test func nothingIsLostOrDoubled() {
    let only = ProcessInfo.processInfo.environment["SIMULATION_SEED"].flatMap(UInt64.init)
    var faults = 0
    for seed in only.map({ $0..<($0 + 1) }) ?? Self.seeds {
      let simulation = RangeSimulation(seed: seed)
      do {
        try simulation.run()
        faults += simulation.faults
      } catch {
        Issue.record("seed \(seed): \(error)")
        return
      }
    }
    #expect(faults > 0)
  }

  /// Each rule left out once: a simulation that does not notice proves nothing.
  @Test(arguments: PlantedFault.allCases) func aRuleLeftOutIsNoticed(fault: PlantedFault) {
    for seed in Self.seeds {
      do {
        try RangeSimulation(seed: seed, planted: fault).run()
      } catch {
        print("\(fault) is caught by seed \(seed): \(error)")
        return
      }
    }
    Issue.record("\(fault) is not noticed")
  }
}

/// A quiet partition meets its flush interval, whatever the others do.
@Suite struct FairnessSimulationTests {
  /// The interval, one INSERT of another that has just begun, one of another that is more overdue, the range's own steps.
  private static let boundMs = 600 + 2 * FairnessSimulation.longestInsertMs + 100

  @Test func aQuietPartitionMeetsItsIntervalBesideLastingErrorsAndABacklog() {
    for seed in 0..<100 as Range<UInt64> {
      let simulation = FairnessSimulation(seed: seed)
      simulation.run(seconds: 60)
      #expect(simulation.worstMs <= Self.boundMs, "seed \(seed): waited \(simulation.worstMs) ms")
      #expect(simulation.quietFlushes >= 20 && simulation.backlogFlushes >= 40, "seed \(seed): all go on")
    }
  }

  @Test(arguments: [FairnessSimulation.Plant.retriesTakeAll, .workersWait])
  func aRuleLeftOutIsNoticed(plant: FairnessSimulation.Plant) {
    for seed in 0..<100 as Range<UInt64> {
      let simulation = FairnessSimulation(seed: seed, plant: plant)
      simulation.run(seconds: 60)
      if simulation.worstMs > Self.boundMs {
        print("\(plant) is caught by seed \(seed): the quiet partition waited \(simulation.worstMs) ms")
        return
      }
    }
    Issue.record("\(plant) is not noticed")
  }
}
