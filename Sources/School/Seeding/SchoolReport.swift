import Foundation
import LoadGenerator

/// What there is to say of a demonstration school, for people.
package struct SchoolReport: CustomStringConvertible, Sendable {
  private let outcome: SchoolSeeder.Outcome
  private let managerEmail: String
  private let counts: SchoolCounts
  private let seconds: Double
  private let check: Check

  /// Whether ClickHouse has its events.
  package enum Check: Sendable {
    /// Nobody asked.
    case unasked
    /// Asked for, and there is no record of which events those of this school are.
    case unknown
    /// So many were expected.
    case done(EventCheck.Outcome, of: Int)
  }

  package init(
    _ outcome: SchoolSeeder.Outcome, managerEmail: String, _ counts: SchoolCounts, seconds: Double, check: Check
  ) {
    self.outcome = outcome
    self.managerEmail = managerEmail
    self.counts = counts
    self.seconds = seconds
    self.check = check
  }

  /// It is there, and its events are, as far as was asked.
  package var isComplete: Bool { if case .done(let found, _) = check { found.holds } else { true } }

  package var description: String {
    var lines: [String] = []
    func line(_ name: String, _ text: String) {
      lines.append("  " + name + String(repeating: " ", count: max(1, 24 - name.count)) + text)
    }
    switch outcome {
    case .wasThere(let log): lines.append("The school is there, and nothing was added. \(log.about)")
    case .made:
      lines.append("School")
      line("decks", "\(counts.decks.grouped), \(counts.pictures.grouped) pictures")
      line("learners", counts.learners.grouped)
      line("sessions", counts.sessions.grouped)
      line("answers", counts.answers.grouped)
      line("tests", counts.tests.grouped)
      line("made in", String(format: "%.1f s", seconds))
    }
    switch check {
    case .unasked: break
    case .unknown: line("verified", "not again: which events it caused was not kept (--record)")
    case .done(let found, let expected):
      let whose = if case .made = outcome { "of those whom this run made" } else { "in its record" }
      line("in ClickHouse", "\(found.found.grouped) of the \(expected.grouped) events \(whose)")
      if found.repeated > 0 { line("  told twice", "\(found.repeated.grouped), each counted once") }
      let all = if case .made = outcome { "by type and ids, and no other" } else { "by event_id" }
      line("verified", found.holds ? "yes: every one, \(all)" : "NO")
      lines += (found.differences + [found.error].compactMap(\.self)).map { "    " + $0 }
    }
    line("to log in", "\(managerEmail) (manager), \(Staff.emails.joined(separator: ", ")) (teachers),")
    line("", "learner1@school.example and so on; the password of all is DEMO_PASSWORD")
    return lines.joined(separator: "\n")
  }
}
