import ArgumentParser
import Foundation
import LoadGenerator

/// The options of `kartoteka load` that shape generated events.
struct WorldOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Decides every event; random by default, and reported.", valueName: "n"))
  var seed: UInt64?
  @Option(
    help: ArgumentHelp(
      "Time the events cover, ending at --until (default 30d; with --rate, the time of sending).", valueName: "time"))
  var span: String?
  @Option(help: ArgumentHelp("Newest event's time, RFC 3339 (default now).", valueName: "time"))
  var until: String?
  @Option(help: ArgumentHelp("Users at most (default 10000).", valueName: "n"))
  var users: Int?
  @Option(help: ArgumentHelp("Decks at most (default 500).", valueName: "n"))
  var decks: Int?
  @Option(help: ArgumentHelp("Courses at most (default 40).", valueName: "n"))
  var courses: Int?
  @Option(help: ArgumentHelp("Zipf exponent of users' activity; 0: all alike (default 0.8).", valueName: "x"))
  var userSkew: Double?
  @Option(help: ArgumentHelp("Zipf exponent of decks' popularity (default 0.9).", valueName: "x"))
  var deckSkew: Double?
  @Option(help: ArgumentHelp("Add so many invalid messages, of every class in turn.", valueName: "n"))
  var poison: Int?
  @Option(help: ArgumentHelp("Send so many of the events twice.", valueName: "n"))
  var duplicates: Int?

  var isAnySet: Bool { seed != nil || isAnySetButSeed }

  var isAnySetButSeed: Bool {
    span != nil || until != nil || users != nil || decks != nil || courses != nil || userSkew != nil
      || deckSkew != nil || poison != nil || duplicates != nil
  }

  func check() throws {
    for (name, value) in [("users", users), ("decks", decks), ("courses", courses)] {
      if let value, !(1...100_000_000).contains(value) {
        throw ValidationError("--\(name) must be from 1 to 100000000.")
      }
    }
    for (name, value) in [("user-skew", userSkew), ("deck-skew", deckSkew)] {
      if let value, !(0...10).contains(value) { throw ValidationError("--\(name) must be from 0 to 10.") }
    }
    for (name, value) in [("poison", poison), ("duplicates", duplicates)] {
      if let value, value < 0 { throw ValidationError("--\(name) must not be negative.") }
    }
    if let until, Self.milliseconds(until) == nil {
      throw ValidationError("--until is no RFC 3339 time such as 2026-01-31T12:00:00Z: “\(until)”.")
    }
  }

  /// - Parameters:
  ///   - spanSeconds: what `--span` says.
  ///   - rate: with one and no span, the events happen while they are sent.
  func configuration(events: Int, spanSeconds: Double?, rate: Double?) throws -> WorldConfiguration {
    let now = Int64(Date().timeIntervalSince1970 * 1_000)
    let sendingSeconds = rate.map { Double(events) / $0 }
    let span = max(1, (spanSeconds ?? sendingSeconds ?? 30 * 86_400) * 1_000)
    var end = now
    if let until {
      end = Self.milliseconds(until) ?? now
    } else if spanSeconds == nil, rate != nil {
      end += Int64(span)
    }
    guard end - Int64(span) >= 946_684_800_000 else {
      throw ValidationError("--span reaches back before the year 2000, and such events are invalid.")
    }
    var configuration = WorldConfiguration(
      seed: seed ?? .random(in: 1...UInt64(UInt32.max)), events: events, startMs: end - Int64(span), endMs: end)
    configuration.users = users ?? configuration.users
    configuration.decks = decks ?? configuration.decks
    configuration.courses = courses ?? configuration.courses
    configuration.userSkew = userSkew ?? configuration.userSkew
    configuration.deckSkew = deckSkew ?? configuration.deckSkew
    return configuration
  }

  private static func milliseconds(_ text: String) -> Int64? {
    let plain = ISO8601DateFormatter()
    let fractional = ISO8601DateFormatter()
    fractional.formatOptions.insert(.withFractionalSeconds)
    return (plain.date(from: text) ?? fractional.date(from: text)).map {
      Int64(($0.timeIntervalSince1970 * 1_000).rounded())
    }
  }
}
