import ArgumentParser
import School
import Settings

/// The options of `kartoteka load` for load on the platform's API.
struct RestOptions: ParsableArguments {
  @Flag(help: "Load on the API: learners who register, learn and test themselves, through the gateway.")
  var rest = false
  @Option(help: .setting(\.players.gatewayURL, valueName: "url"))
  var gateway: String?
  @Option(help: ArgumentHelp("Learners at once; needs --rest (default 100).", valueName: "n"))
  var learners: Int?

  func check() throws {
    if !rest, gateway != nil || learners != nil { throw ValidationError("--gateway and --learners are for --rest.") }
    if let learners, !(1...100_000).contains(learners) { throw ValidationError("--learners must be from 1 to 100000.") }
  }

  /// - Parameters:
  ///   - rate: calls a second; 50 where nil.
  ///   - durationSeconds: 60 where nil.
  func load(
    _ settings: Settings, rate: Double?, durationSeconds: Double?, seed: UInt64?, verification: RestLoad.Verification?
  ) throws -> RestLoad {
    RestLoad(
      gateway: try settings.overriding(\.players.gatewayURL, with: gateway)[\.players.gatewayURL], rate: rate ?? 50,
      durationSeconds: durationSeconds ?? 60, learners: learners ?? 100,
      seed: seed ?? .random(in: 1...UInt64(UInt32.max)), verification: verification)
  }
}
