import Foundation
import LoadGenerator

/// A result for people.
package struct RestLoadReport: CustomStringConvertible {
  private let result: RestLoadResult

  package init(_ result: RestLoadResult) { self.result = result }

  package var description: String {
    var lines = ["Load on \(result.gateway)"]
    func line(_ name: String, _ text: String) {
      lines.append("  " + name + String(repeating: " ", count: max(1, 24 - name.count)) + text)
    }
    line("seed", "\(result.seed)")
    line("learners", result.learners.grouped)
    line(
      "asked for",
      "\(String(format: "%g", result.rate))/s for \(String(format: "%g", result.durationSeconds)) s"
        + (result.stoppedEarly ? " (stopped early)" : ""))
    line("calls", "\(result.calls.grouped), answered \(result.answered.grouped), not \(result.notAnswered.grouped)")
    if let latency = result.intendedToAnsweredMs { line("intended → answered", Self.text(latency)) }
    if let latency = result.intendedToBegunMs { line("intended → begun", Self.text(latency)) }
    for (name, operation) in result.operations.sorted(by: { $0.value.answered > $1.value.answered }) {
      let latency = operation.intendedToAnsweredMs.map { Self.text($0) } ?? ""
      line("  \(name)", "\(operation.answered.grouped) · \(latency)")
      for (error, count) in operation.errors.sorted(by: { $0.key < $1.key }) { line("    \(error)", count.grouped) }
    }
    if result.failed > 0 { line("FAILED", "\(result.failed.grouped) calls got what they must not") }
    if result.unknownOutcomes > 0 {
      line("unknown for a while", "\(result.unknownOutcomes.grouped), \(result.unresolved.grouped) to the end")
    }
    if let verification = result.verification {
      line(
        "in ClickHouse",
        "\(verification.found.grouped) of \(verification.expected.grouped)"
          + (verification.unsure > 0 ? ", and perhaps \(verification.unsure.grouped) more" : ""))
      if verification.repeated > 0 { line("  told twice", "\(verification.repeated.grouped), each counted once") }
      for (name, count) in verification.byType.sorted(by: { $0.value > $1.value }) { line("  \(name)", count.grouped) }
      if verification.ok {
        line("verified", "yes: every event of every answered call, by type and ids, and no other")
      } else {
        line("verified", "NO, after \(String(format: "%.1f", verification.seconds)) s")
        for difference in verification.differences { lines.append("    " + difference) }
        if let error = verification.error { lines.append("    " + error) }
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func text(_ latency: LatencySummary) -> String {
    func number(_ value: Double) -> String { String(format: "%.1f", value) }
    return "p50 \(number(latency.p50)) · p99 \(number(latency.p99)) · p99.9 \(number(latency.p999)) · max "
      + "\(number(latency.max)) ms"
  }
}
