import Collector
import Foundation
import Kafka
import Testing

@Suite struct RangeSimulationTests {
  /// A failing seed is printed; `SIMULATION_SEED=n` runs that one alone.
  private func run(seeds: Range<UInt64>, hazards: RangeSimulation.Hazards) {
    let only = ProcessInfo.processInfo.environment["SIMULATION_SEED"].flatMap(UInt64.init)
    var faults = 0
    for seed in only.map({ $0..<($0 + 1) }) ?? seeds {
      var simulation = RangeSimulation(seed: seed, hazards: hazards)
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

  @Test func nothingIsLostOrDoubledWhenInsertsAreHalfDone() { run(seeds: 0..<60_000, hazards: .halfInserts) }

  @Test func nothingIsLostOrDoubledWhenTokensAreForgotten() { run(seeds: 1_000_000..<1_020_000, hazards: .shortWindow) }

  @Test func nothingIsLostOrDoubledAcrossDecodersAndHalfDoneInserts() {
    run(seeds: 2_000_000..<2_020_000, hazards: .upgrades)
  }
}
