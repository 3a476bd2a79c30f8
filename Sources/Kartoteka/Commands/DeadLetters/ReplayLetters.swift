import ArgumentParser
import DeadLetters
import Foundation

struct ReplayLetters: BlockingCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Send dead letters that are valid now to their topics, each once.",
    discussion: """
      A letter that the decoder of this version takes for a valid event is sent to its own topic and partition with its \
      own key, and collected like any other message. Its event keeps its event_id. What is still invalid, what was sent \
      before, and what is in events already, by event_id, is not sent. Letters are never deleted.

        kartoteka deadletters replay --reason unknown_type --dry-run    how many would be sent?
        kartoteka deadletters replay --reason unknown_type
        kartoteka deadletters replay user.events/2/4711 --file mended.json
        kartoteka deadletters replay --corrections mended.ndjson

      A line of corrections is {"topic": …, "partition": …, "offset": …, "value": "the whole message"}; `list --json` \
      prints such lines. A correction that is invalid is refused, and the others are sent.

      Each letter is sent once, also when a replay is killed, or several run at the same time: they tell each other in \
      the table dead_letter_replays. After a killed replay, the next one waits until DEADLETTERS_LEASE (60s) is over, then \
      looks in Kafka for what was sent. Update the collectors first: one of an older version would set the message aside again.

      Exit status: 0 nothing is left to look at, 1 something is (a refused correction, a message not confirmed, an \
      unknown letter), 64 for a wrong flag.
      """)

  @Argument(
    help: ArgumentHelp("Letters; without any, those that the filter selects.", valueName: LetterCoordinates.form))
  var letters: [LetterCoordinates] = []
  @OptionGroup(title: "Which") var filter: DeadLettersCommand.Filter
  @Flag(help: "All letters there are.")
  var all = false
  @Flag(help: "Send nothing; say how many would be sent.")
  var dryRun = false
  @Option(
    help: ArgumentHelp("Send this file's bytes in place of the one letter's; - is standard input.", valueName: "path"))
  var file: String?
  @Option(help: ArgumentHelp("Send these corrections, NDJSON; - is standard input.", valueName: "path"))
  var corrections: String?
  @Flag(help: "Print a line of JSON a letter.")
  var json = false
  @OptionGroup(title: "Where") var kafka: KafkaOptions
  @OptionGroup(title: "Where") var clickHouse: ClickHouseOptions

  func validate() throws {
    let filters = [filter.topic, filter.reason, filter.since, filter.until].contains { $0 != nil }
    let ways = [!letters.isEmpty, filters, all, corrections != nil].count { $0 }
    if ways == 0 { throw ValidationError("Say which letters: name them, filter them, or give --all.") }
    if ways > 1 { throw ValidationError("Name letters, filter them, give --corrections or --all: one of these.") }
    if file != nil, letters.count != 1 { throw ValidationError("--file mends one letter: name it.") }
  }

  func work() throws {
    let settings = kafka.laid(over: clickHouse.settings)
    var configuration = ReplayRun.Configuration(
      kafka: try settings.kafka(), clickHouse: try settings.clickHouseWriter())
    configuration.leaseMs = Int64(try settings[\.deadLetters.lease].wholeMilliseconds)
    configuration.dryRun = dryRun
    let mended = try readCorrections()
    var selection = try filter.selection
    let named = letters.isEmpty ? mended.values.keys.sorted() : letters
    if corrections != nil || !letters.isEmpty { selection.coordinates = named }
    var tally = ReplayTally()
    var known: Set<LetterCoordinates> = []
    let json = json
    var isWaiting = false
    let run = ReplayRun(
      configuration, corrections: mended,
      waits: { seconds in
        if !isWaiting {
          Self.say(
            "some letters were begun by another replay, or are not confirmed: waiting up to \(Int(seconds) + 1) s")
        }
        isWaiting = true
      },
      told: { letter, outcome in
        tally.count(outcome, reason: letter.reason)
        known.insert(letter.coordinates)
        if json {
          try? DeadLetterReport.printLine(DeadLetterReport.Outcome(letter.coordinates, outcome))
        } else if outcome.isFailure {
          Self.say(Self.line(letter.coordinates, outcome))
        }
      })
    try run.run(selection)
    let unknown = selection.coordinates.map { Set($0).subtracting(known).sorted() } ?? []
    for letter in unknown { Self.say("\(DeadLetterError.noSuchLetter(letter))") }
    if !json { Self.printTally(tally, dryRun: dryRun) }
    if tally.failures > 0 || !unknown.isEmpty { throw ExitCode.failure }
  }

  private func readCorrections() throws -> Corrections {
    func bytes(_ path: String) throws -> [UInt8] {
      let data =
        path == "-" ? try FileHandle.standardInput.readToEnd() ?? Data() : FileManager.default.contents(atPath: path)
      guard let data else { throw ValidationError("\(path) cannot be read.") }
      return Array(data)
    }
    if let file { return Corrections(try bytes(file), for: letters[0]) }
    guard let corrections else { return Corrections() }
    let mended = try Corrections(lines: try bytes(corrections), of: corrections == "-" ? "standard input" : corrections)
    if mended.values.isEmpty { throw ValidationError("\(corrections) holds no correction.") }
    return mended
  }

  private static func line(_ letter: LetterCoordinates, _ outcome: ReplayOutcome) -> String {
    switch outcome {
    case .correctionInvalid(let reason, let detail):
      "\(letter): the correction is refused: \(reason)\(detail.isEmpty ? "" : ", at \(detail)")"
    case .unconfirmed(let why): "\(letter): not confirmed, run this again to find out: \(why)"
    case .undecided:
      """
      \(letter): an earlier replay was killed, and Kafka no longer has the messages that would tell whether it sent; \
      look for the event in ClickHouse, and send it from its source if it is not there
      """
    default: "\(letter): \(outcome.name)"
    }
  }

  private static func printTally(_ tally: ReplayTally, dryRun: Bool) {
    let columns =
      [
        ("sent", "sent"), ("valid", "would be sent"), ("sent_before", "sent before"), ("present", "already there"),
        ("invalid", "still invalid"), ("correction_invalid", "refused"), ("unconfirmed", "not confirmed"),
        ("undecided", "undecided"),
      ].filter { name, _ in name == (dryRun ? "valid" : "sent") || tally.total(name) > 0 }
    var rows = [["set aside as", "letters"] + columns.map(\.1)]
    for (reason, counts) in tally.byReason.sorted(by: { $0.key < $1.key }) {
      rows.append([reason, "\(counts.values.reduce(0, +))"] + columns.map { "\(counts[$0.0] ?? 0)" })
    }
    rows.append(["all", "\(tally.letters)"] + columns.map { "\(tally.total($0.0))" })
    DeadLetterReport.printTable(rows)
  }

  private static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
