import ArgumentParser
import Blocking
import CivilTime
import ClickHouse
import Foundation
import LoadGenerator
import Logging
import PlatformClient
import School
import ServiceContract
import ServiceLifecycle
import Settings

struct SeedDemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seed-demo",
    abstract: "Make a demonstration school through the gateway: teachers, decks, and weeks of learning.",
    discussion: """
      Three teachers make decks in Russian, English and German, some with pictures. Then, week by week, learners join, \
      choose how they learn, study when they usually do by their own clocks, answer as well as FSRS says that they \
      remember, test themselves, leave sessions open, and drop out. All of it goes through the REST API under a clock of \
      its own, so that titles, histories, schedules and events are as real ones.

        kartoteka users add-manager …        makes the manager in whose name that is done
        kartoteka seed-demo                  200 learners, the last six weeks

      The manager is DEMO_MANAGER_EMAIL with DEMO_PASSWORD, which is everybody's password in the school: teachers are \
      n.orlova@, m.collins@ and t.brandt@school.example, learners learner1@school.example and so on.

      Run again, it says that the school is there and adds nothing. One that was interrupted goes on: decks are made that \
      are not there, and learners who are there stay as they are.

      The same --seed, --learners and --weeks give the same people, who answer alike; ids are the databases'.

      For the local platform only: services elsewhere refuse the clock. Where the gateway's limit on requests is met, it waits \
      as it is asked to; GATEWAY_RATE_LIMIT=0 of the gateway lifts the limit.

      Settings come from the environment; a flag overrides its variable. Passwords come from there only.
      \(SettingsPage.text(readBy: .seedDemo))

      --verify asks ClickHouse for the events of the teachers and learners whom this run makes, by type and ids, until they \
      are exactly those that its calls caused. --record then keeps their event_ids in a file, by which a run that finds the \
      school there asks for them again; without, it cannot.

      Progress goes to standard error, what was made to standard output. SIGTERM or SIGINT ends it between two calls.

      Exit status: 0 the school is there (and its events are, as far as they were asked for), 1 it is not, 64 for a wrong \
      flag or outside the local platform.
      """)

  @Option(help: .setting(\.players.gatewayURL, valueName: "url"))
  var gateway: String?
  @Option(help: .setting(\.players.managerEmail, valueName: "address"))
  var manager: String?
  @Option(help: ArgumentHelp("Decides every person and answer.", valueName: "n"))
  var seed: UInt64 = 1
  @Option(help: ArgumentHelp("How many learners join.", valueName: "n"))
  var learners = 200
  @Option(help: ArgumentHelp("How many weeks the school has been open.", valueName: "n"))
  var weeks = 6
  @Option(help: ArgumentHelp("Learners replayed at once.", valueName: "n"))
  var connections = 8
  @Flag(help: "Wait until ClickHouse holds exactly the events of those who were made, two minutes at most.")
  var verify = false
  @Option(help: ArgumentHelp("Where to keep which events these are, for a later --verify.", valueName: "file"))
  var record: String?
  @OptionGroup var clickHouse: ClickHouseOptions

  private static let verifySeconds = 120.0

  func validate() throws {
    guard (1...10_000).contains(learners) else { throw ValidationError("--learners must be from 1 to 10000.") }
    guard (1...52).contains(weeks) else { throw ValidationError("--weeks must be from 1 to 52.") }
    guard record == nil || verify else { throw ValidationError("--record needs --verify.") }
    guard (1...64).contains(connections) else { throw ValidationError("--connections must be from 1 to 64.") }
  }

  func run() async throws {
    let settings = clickHouse.settings.overriding(\.players.gatewayURL, with: gateway)
      .overriding(\.players.managerEmail, with: manager)
    let plan = try plan(settings)
    let reader = verify ? try settings.clickHouseReader() : nil
    let seeder = try SchoolSeeder(plan, counts: SchoolCounts())
    let work = StoppableWork("seed-demo") { [record] stop in try Self.seed(seeder, plan, record, reader, stop) }
    try await ServiceGroup.run(work, log: Logger(label: "seed-demo") { _ in SwiftLogNoOpLogHandler() })
    guard let report = work.result else { throw ExitCode.failure }
    print(report)
    if !report.isComplete { throw ExitCode.failure }
  }

  private func plan(_ settings: Settings) throws -> SchoolPlan {
    guard settings.isLocal else {
      throw ValidationError("KARTOTEKA_ENV is not local: services elsewhere refuse a clock that is not theirs.")
    }
    let secrets = try TrustSecrets(settings)
    let clock = settings.requestClock(secrets)
    return SchoolPlan(
      gateway: try settings[\.players.gatewayURL], managerEmail: try settings[\.players.managerEmail],
      password: try settings[\.players.password], seed: seed, learners: learners, weeks: weeks,
      until: Instant(milliseconds: Int(Date().timeIntervalSince1970 * 1000)), connections: connections,
      timeHeader: { clock.header($0) })
  }

  /// - Parameters:
  ///   - file: where the record is, or will be.
  ///   - reader: ClickHouse, when it is to be asked for the events.
  private static func seed(
    _ seeder: SchoolSeeder, _ plan: SchoolPlan, _ file: String?, _ reader: ClickHouseConfiguration?,
    _ stop: CancellationFlag
  ) throws -> SchoolReport {
    let display = ProgressDisplay()
    defer { display.end() }
    let start = ContinuousClock.now
    let startMs = try reader.map { try milliseconds(of: ClickHouseConnection($0)) } ?? 0
    let counts = seeder.counts
    let outcome: SchoolSeeder.Outcome
    do throws(PlatformError) {
      outcome = try seeder.run(stop: stop) { stage in
        display.show("\(stage): \(counts.learners) learners, \(counts.answers.grouped) answers")
      }
    } catch { throw SeedDemoFailure(error: error) }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    var check = SchoolReport.Check.unasked
    switch outcome {
    case .made(let log, let expected):
      guard let reader else { break }
      let asked = EventCheck(expected, reader, sinceMs: plan.beginningMs, storedSinceMs: startMs)
      let found = asked.run(timeoutSeconds: verifySeconds, stop: stop) { display.showVerifying($0, of: expected.count) }
      if let file, found.holds { try SchoolRecord(log: log, events: try asked.eventIDs()).write(to: file) }
      check = .done(found, of: expected.count)
    case .wasThere(let log):
      guard let reader else { break }
      let record = try file.flatMap { try SchoolRecord.read($0, of: log) }
      check = record.map { .done($0.check(reader), of: $0.events.count) } ?? .unknown
    }
    return SchoolReport(outcome, managerEmail: plan.managerEmail, counts, seconds: seconds, check: check)
  }

  /// ClickHouse's clock, since 1970.
  private static func milliseconds(of connection: ClickHouseConnection) throws(ClickHouseError) -> Int64 {
    Int64(try connection.rows("SELECT toUnixTimestamp64Milli(now64(3))")[0][0]) ?? 0
  }
}
