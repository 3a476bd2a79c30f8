import ArgumentParser
import Blocking
import ClickHouse
import Foundation
import JSON
import Kafka
import LoadGenerator
import Logging
import ServiceLifecycle
import Settings
import Synchronization

struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Send generated or recorded events to Kafka, and check that each arrives.",
    discussion: """
      Without --file, events of a generated world: people register, log in, make decks, learn in sessions, take courses; \
      all types of the catalogue, busier in the evening than at night, a few users and decks far busier than the rest. \
      The same --seed, --count, --span, --until and sizes give the same events, ids included.

        kartoteka load --count 200000 --span 30d --verify          a month of events, as fast as the broker takes them
        kartoteka load --rate 20000 --duration 60s --verify        an open loop: latency counts from the intended time
        kartoteka load --file events.ndjson.gz --rate 5000         recorded events, byte for byte

      A recording has a line a message: {"topic": …, "key": …, "event": {…}}, gzip or plain; - reads standard input. A line \
      that is none ends the run with its number and status 1, after what came before it is delivered; --skip-bad reports \
      and leaves out such lines.

      --verify waits until ClickHouse holds, at exactly the acknowledged offsets, the same number of events of each type \
      and of dead letters for each reason, with the same checksum of ids, coordinates and (for generated events) contents.

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
    if duration != nil, rate == nil { throw ValidationError("--duration needs --rate.") }
    if file != nil, world.isAnySet {
      throw ValidationError("--file replays what was recorded: it excludes the options of generated events.")
    }
    if skipBad, file == nil { throw ValidationError("--skip-bad is for --file.") }
    try world.check()
  }

  func run() async throws {
    let load = try plan(kafka.laid(over: clickHouse.settings))
    let service = LoadService(load)
    try await ServiceGroup.run(service, log: Logger(label: "load") { _ in SwiftLogNoOpLogHandler() })
    guard let result = service.result else { throw ExitCode.failure }
    let document = try EncodedJSON.document(result, keys: .snakeCase)
    if let json { try document.write(toFile: json, atomically: false, encoding: .utf8) }
    switch format {
    case .json: print(document)
    case .text: print(LoadReport(result))
    }
    if !result.isComplete { throw ExitCode.failure }
  }

  private func plan(_ settings: Settings) throws -> LoadPlan {
    func time(_ name: String, _ text: String?) throws -> Double? {
      guard let text else { return nil }
      guard let time = DurationText.duration(text) else {
        throw ValidationError("\(name) wants a time with its unit (250ms, 60s, 10m, 2h, 30d), not “\(text)”.")
      }
      return time / .seconds(1)
    }
    let seconds = try time("--duration", duration)
    var events = count
    if let seconds, let rate { events = max(1, Int((seconds * rate).rounded())) }
    let input: LoadPlan.Input
    if let file {
      input = .recording(path: file, limit: events, skipsBadLines: skipBad)
    } else {
      let events = events ?? 100_000
      let span = try time("--span", world.span)
      input = .world(
        try world.configuration(events: events, spanSeconds: span, rate: rate), poison: world.poison ?? 0,
        duplicates: world.duplicates ?? 0)
    }
    return LoadPlan(
      input: input, kafka: try settings.kafka(), rate: rate,
      verification: verify
        ? .init(
          clickHouse: try settings.clickHouseReader(),
          timeoutSeconds: try time("--verify-timeout", verifyTimeout) ?? 300)
        : nil)
  }
}

/// The load in its group of services.
private final class LoadService: Service {
  private let load: LoadPlan
  private let outcome = Mutex<LoadResult?>(nil)

  init(_ load: LoadPlan) { self.load = load }

  /// What was sent and, if asked for, found; nil until it has run.
  var result: LoadResult? { outcome.withLock { $0 } }

  func run() async throws {
    let stop = CancellationFlag()
    let result = try await withTaskCancellationOrGracefulShutdownHandler {
      try await BlockingThread.run("load", stackBytes: 4 << 20) { [load] in try load.run(stop: stop) }
    } onCancelOrGracefulShutdown: {
      stop.raise()
    }
    outcome.withLock { $0 = result }
  }
}
