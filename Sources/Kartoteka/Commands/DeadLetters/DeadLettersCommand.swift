import ArgumentParser
import ClickHouse
import DeadLetters
import EventSchema
import Foundation
import Settings

struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deadletters",
    abstract: "Messages that were no events: read them, and send those that are valid now.",
    discussion: """
      A message that cannot be decoded is set aside in the table dead_letters with its bytes, its coordinates and the \
      reason. When the catalogue has learned its type, or the message is mended, it can enter through its topic once more.

      Settings come from the environment; a flag overrides its variable.
      \(SettingsPage.text(readBy: .deadLetters))
      """,
    subcommands: [ListLetters.self, ShowLetter.self, ReplayLetters.self])

  /// Which letters.
  struct Filter: ParsableArguments {
    @Option(help: ArgumentHelp("Only of this topic.", valueName: "name"))
    var topic: String?
    @Option(help: ArgumentHelp("Only set aside for this reason, as in unknown_type.", valueName: "code"))
    var reason: String?
    @Option(
      help: ArgumentHelp(
        "Only set aside since: 24h ago, or 2026-01-31, or 2026-01-31T12:00:00Z.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only set aside before.", valueName: "time"))
    var until: String?

    func validate() throws {
      if let reason, Reason(rawValue: reason) == nil {
        throw ValidationError(
          "There is no reason “\(reason)”; there are \(Reason.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      _ = try selection
    }

    var selection: LetterSelection {
      get throws {
        var selection = LetterSelection()
        selection.topic = topic
        selection.reason = reason
        selection.since = try since.map { try Self.bound($0, "--since") }
        selection.until = try until.map { try Self.bound($0, "--until") }
        return selection
      }
    }

    private static func bound(_ text: String, _ flag: String) throws -> LetterSelection.TimeBound {
      let utc = Date.ISO8601FormatStyle(timeZone: .gmt)
      let forms = [utc, utc.year().month().day(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
      for form in forms {
        if let date = try? form.parse(text) { return .at(Int64(date.timeIntervalSince1970 * 1000)) }
      }
      guard let ago = DurationText.duration(text) else {
        throw ValidationError("\(flag) wants a time such as 24h, 2026-01-31 or 2026-01-31T12:00:00Z, not “\(text)”.")
      }
      return .ago(Int64(ago.wholeMilliseconds))
    }
  }
}

extension LetterCoordinates: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension LetterCoordinates {
  static let form = "TOPIC/PARTITION/OFFSET"
}

extension Settings {
  func letterStore() throws(SettingError) -> LetterStore { LetterStore(ClickHouseConnection(try clickHouseWriter())) }
}
