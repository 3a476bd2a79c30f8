import Foundation
import LoadGenerator

/// What there is to say of a demonstration school, for people.
package struct SchoolReport: CustomStringConvertible, Sendable {
  private let outcome: SchoolSeeder.Outcome
  private let managerEmail: String
  private let counts: SchoolCounts
  private let seconds: Double
  private let check: EventCheck.Outcome?

  /// - Parameter check: what ClickHouse has of it; nil when nobody asked.
  package init(
    _ outcome: SchoolSeeder.Outcome, managerEmail: String, _ counts: SchoolCounts, seconds: Double,
    check: EventCheck.Outcome?
  ) {
    self.outcome = outcome
    self.managerEmail = managerEmail
    self.counts = counts
    self.seconds = seconds
    self.check = check
  }

  /// It is there, and its events are, as far as was asked.
  package var isComplete: Bool { check?.holds != false }

  package var description: String {
    var lines: [String] = []
    func line(_ name: String, _ text: String) {
      lines.append("  " + name + String(repeating: " ", count: max(1, 24 - name.count)) + text)
    }
    switch outcome {
    case .wasThere(let log): lines.append("The school is there, and nothing was added. \(log)")
    case .made:
      lines.append("School")
      line("decks", "\(counts.decks.grouped), \(counts.pictures.grouped) pictures")
      line("learners", counts.learners.grouped)
      line("sessions", counts.sessions.grouped)
      line("answers", counts.answers.grouped)
      line("tests", counts.tests.grouped)
      line("made in", String(format: "%.1f s", seconds))
    }
    if case .made(let expected) = outcome, let check {
      line("in ClickHouse", "\(check.found.grouped) of the learners' \(expected.count.grouped) events")
      if check.repeated > 0 { line("  told twice", "\(check.repeated.grouped), each counted once") }
      line("verified", check.holds ? "yes: every one, by type and ids, and no other" : "NO")
      lines += (check.differences + [check.error].compactMap(\.self)).map { "    " + $0 }
    }
    line("to log in", "\(managerEmail) (manager), \(Staff.emails.joined(separator: ", ")) (teachers),")
    line("", "learner1@school.example and so on; the password of all is DEMO_PASSWORD")
    return lines.joined(separator: "\n")
  }
}
