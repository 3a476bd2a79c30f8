import ArgumentParser
import Foundation
import JSON
import Kafka
import LoadGenerator
import Logging
import School
import ServiceLifecycle
import Settings

struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Send generated or recorded events to Kafka, or play learners on the API; check that each event arrives.",
    discussion: """
      Without --file, events of a generated world: people register, log in, make decks, learn in sessions, take courses; \
      all types of the catalogue, busier in the evening than at night, a few users and decks far busier than the rest. \
      The same --seed, --count, --span, --until and sizes give the same events, ids included.

        kartoteka load --count 200000 --span 30d --verify          a month of events, as fast as the broker takes them
        kartoteka load --rate 20000 --duration 60s --verify        an open loop: latency counts from the intended time
        kartoteka load --file events.ndjson.gz --rate 5000         recorded events, byte for byte
        kartoteka load --rest --rate 200 --duration 60s --verify   learners who use the API through the gateway

      A recording has a line a message: {"topic": …, "key": …, "event": {…}}, gzip or plain; - reads standard input. A line \
      that is none ends the run with its number and status 1, after what came before it is delivered; --skip-bad reports \
      and leaves out such lines.

      --verify waits until ClickHouse holds, at exactly the acknowledged offsets, the same number of events of each type \
      and of dead letters for each reason, with the same checksum of ids, coordinates and (for generated events) contents.

      --rest sends no events: it plays learners through the gateway, who register, look at decks, learn, leave, and test \
      themselves, in an open loop of --rate calls a second (default 50) for --duration (default 60s). A call that gets 429, \
      or of which nothing is known for now, is made again under the same ids, as the platform asks; in the end what was left \
      open is ended. Calls, refusals and latencies from the intended time are counted by operation. With it, --verify waits \
      until ClickHouse holds exactly the events that the answered calls caused, by type and ids, and no other of these \
      people; and status 1 also says that a call got what a sound platform does not give (a 500, a 404), or that it is \
      still unknown what came of one.

      Settings come from the environment; a flag overrides its variable.
      \(SettingsPage.text(readBy: .load))

      Times are written as 250ms, 60s, 10m, 2h, 30d. Progress goes to standard error, the report to standard output.

      SIGTERM or SIGINT ends the sending and reports; a second one ends at once, with status 143 or 130.

      Exit status: 0 all was delivered (and verified), 1 something was not, 64 for a wrong flag.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @OptionGroup(title: "What")
  var world: WorldOptions

  @OptionGroup(title: "Learners on the API")
  var rest: RestOptions

  @Option(help: ArgumentHelp("Replay recorded events instead.", valueName: "path"))
  var file: String?
  @Flag(help: "Leave out lines that are no recorded message, and say which.")
  var skipBad = false
  @Option(
    help: ArgumentHelp(
      "Events to send (default 100000, or --rate times --duration; with --file: at most so many).", valueName: "n"))
  var count: Int?

  @Option(help: ArgumentHelp("Events a second; without it, as fast as possible.", valueName: "n"))
  var rate: Double?
  @Option(help: ArgumentHelp("How long to send; needs --rate, excludes --count.", valueName: "time"))
  var duration: String?

  @Flag(help: "Wait until ClickHouse holds exactly what was sent.")
  var verify = false
  @Option(help: ArgumentHelp("Longest wait for that, counted from the last event.", valueName: "time"))
  var verifyTimeout = "5m"
  @Option(help: ArgumentHelp("Form of the report on standard output: text or json.", valueName: "form"))
  var format = Format.text
  @Option(help: ArgumentHelp("Also write the JSON result to this file.", valueName: "path"))
  var json: String?

  @OptionGroup var kafka: KafkaOptions
  @OptionGroup var clickHouse: ClickHouseOptions

  func validate() throws {
    if let rate, !(rate > 0 && rate <= 10_000_000) {
      throw ValidationError("--rate must be above 0, at most 10000000.")
    }
    if let count, count < 1 { throw ValidationError("--count must be at least 1.") }
    if duration != nil, count != nil { throw ValidationError("Give --count or --duration, not both.") }
    if rest.rest, world.isAnySetButSeed || file != nil || count != nil {
      throw ValidationError("--rest excludes --count, --file and the options of generated events, but for --seed.")
    }
    if duration != nil, rate == nil, !rest.rest { throw ValidationError("--duration needs --rate.") }
    if file != nil, world.isAnySet {
      throw ValidationError("--file replays what was recorded: it excludes the options of generated events.")
    }
    if skipBad, file == nil { throw ValidationError("--skip-bad is for --file.") }
    try world.check()
    try rest.check()
  }

  func run() async throws {
    if rest.rest {
      let load = try restPlan(clickHouse.settings)
      let result = try await Self.result(
        of: StoppableWork("load") { try load.run(stop: $0, display: ProgressDisplay()) })
      try report(result, RestLoadReport(result), isComplete: result.isComplete)
    } else {
      let load = try plan(kafka.laid(over: clickHouse.settings))
      let result = try await Self.result(of: StoppableWork("load") { try load.run(stop: $0) })
      try report(result, LoadReport(result), isComplete: result.isComplete)
    }
  }

  private static func result<Result>(of work: StoppableWork<Result>) async throws -> Result {
    try await ServiceGroup.run(work, log: Logger(label: "load") { _ in SwiftLogNoOpLogHandler() })
    guard let result = work.result else { throw ExitCode.failure }
    return result
  }

  private func report(_ result: some Encodable, _ text: some CustomStringConvertible, isComplete: Bool) throws {
    let document = try EncodedJSON.document(result, keys: .snakeCase)
    if let json { try document.write(toFile: json, atomically: false, encoding: .utf8) }
    switch format {
    case .json: print(document)
    case .text: print(text)
    }
    if !isComplete { throw ExitCode.failure }
  }

  private func restPlan(_ settings: Settings) throws -> RestLoad {
    try rest.load(
      settings, rate: rate, durationSeconds: try seconds("--duration", duration), seed: world.seed,
      verification: verify
        ? .init(
          clickHouse: try settings.clickHouseReader(),
          timeoutSeconds: try seconds("--verify-timeout", verifyTimeout) ?? 300)
        : nil)
  }

  private func seconds(_ name: String, _ text: String?) throws -> Double? {
    guard let text else { return nil }
    guard let time = DurationText.duration(text) else {
      throw ValidationError("\(name) wants a time with its unit (250ms, 60s, 10m, 2h, 30d), not “\(text)”.")
    }
    return time / .seconds(1)
  }

  private func plan(_ settings: Settings) throws -> LoadPlan {
    var events = count
    if let time = try seconds("--duration", duration), let rate { events = max(1, Int((time * rate).rounded())) }
    let input: LoadPlan.Input
    if let file {
      input = .recording(path: file, limit: events, skipsBadLines: skipBad)
    } else {
      let events = events ?? 100_000
      let span = try seconds("--span", world.span)
      input = .world(
        try world.configuration(events: events, spanSeconds: span, rate: rate), poison: world.poison ?? 0,
        duplicates: world.duplicates ?? 0)
    }
    return LoadPlan(
      input: input, kafka: try settings.kafka(), rate: rate,
      verification: verify
        ? .init(
          clickHouse: try settings.clickHouseReader(),
          timeoutSeconds: try seconds("--verify-timeout", verifyTimeout) ?? 300)
        : nil)
  }
}
