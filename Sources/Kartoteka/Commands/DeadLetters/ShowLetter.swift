import ArgumentParser
import DeadLetters
import Foundation

struct ShowLetter: BlockingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one dead letter whole, and what the decoder says of it today.",
    discussion: """
      The value is shown escaped: what a terminal could take for a command, and bytes that are no UTF-8, are written as \
      \\n, \\u{…} and \\xNN. To mend a letter:

        kartoteka deadletters show --raw user.events/2/4711 > letter.json
        (edit letter.json)
        kartoteka deadletters replay user.events/2/4711 --file letter.json
      """)

  @Argument(help: ArgumentHelp("The letter.", valueName: LetterCoordinates.form))
  var letter: LetterCoordinates
  @Flag(help: "Write the value's exact bytes to standard output, and nothing else.")
  var raw = false
  @Flag(help: "Print a line of JSON.")
  var json = false
  @OptionGroup(title: "Where") var clickHouse: ClickHouseOptions

  func validate() throws {
    if raw, json { throw ValidationError("Give --raw or --json, not both.") }
  }

  func work() throws {
    let store = try clickHouse.settings.letterStore()
    let found = try store.letter(at: letter)
    if raw { return FileHandle.standardOutput.write(Data(found.value)) }
    let verdict = LetterCheck().verdict(found.value, timestampMs: Int64(Date().timeIntervalSince1970 * 1000))
    if json {
      var row = DeadLetterReport.Letter(found)
      row.now = DeadLetterReport.Verdict(verdict)
      return try DeadLetterReport.printLine(row)
    }
    print("letter      \(found.coordinates)")
    print("set aside   \(DeadLetterReport.time(found.receivedAtMs))")
    print("Kafka time  \(DeadLetterReport.time(found.kafkaTimestampMs))")
    print("reason      \(at(found.reason, found.detail))")
    switch verdict {
    case .valid(let event): print("now         valid: \(event.type), event_id \(event.id)")
    case .invalid(let reason, let detail): print("now         invalid: \(at(reason, detail))")
    }
    print("replay      \(try replay(found, store))")
    print("key         \(PrintableBytes.escaped(found.key)) (\(found.key.count) bytes)")
    print("value       \(found.valueBytes) bytes")
    print(PrintableBytes.escaped(found.value))
  }

  private func at(_ reason: String, _ detail: String) -> String {
    detail.isEmpty ? reason : "\(reason), at \(PrintableBytes.escaped(Array(detail.utf8)))"
  }

  private func replay(_ letter: DeadLetter, _ store: LetterStore) throws -> String {
    switch letter.replay {
    case .none: return "none"
    case .begun(let ms):
      return "begun \(DeadLetterReport.time(ms)); whether it sent anything, the next replay finds out"
    case .settled(let ms): return "none needed, as of \(DeadLetterReport.time(ms)): the event had come in another way"
    case .sent(let offset, let ms):
      let again = LetterCoordinates(letter.coordinates.partition, offset: offset)
      let fate =
        switch try store.fate(of: again) {
        case .notCollected: "not collected yet"
        case .event: "now an event"
        case .dead(let reason): "a dead letter again: \(reason)"
        }
      return "sent \(DeadLetterReport.time(ms)) as \(again), \(fate)"
    }
  }
}
