import Foundation

/// A result for people.
package struct LoadReport: CustomStringConvertible {
  private let result: LoadResult

  package init(_ result: LoadResult) { self.result = result }

  package var description: String {
    var lines: [String] = []
    func line(_ name: String, _ text: String) { lines.append("  " + name.padded(to: 24) + text) }
    lines.append("Load")
    if let seed = result.seed { line("seed", "\(seed)") }
    if let file = result.file { line("file", file) }
    line("sent", "\(result.sent.grouped)\(result.stoppedEarly ? " (stopped early)" : "")")
    line(
      "acknowledged", "\(result.acked.grouped) in \(text(result.seconds, 2)) s, \(Int(result.ackedPerSecond).grouped)/s"
    )
    if let rate = result.rate { line("asked for", "\(Int(rate).grouped)/s") }
    line("bytes", "\(result.bytes.grouped) (\(result.bytes / max(1, result.sent)) a message)")
    if result.failed > 0 { line("failed", "\(result.failed.grouped): \(list(result.failures))") }
    if result.unknown > 0 { line("no word from the broker", result.unknown.grouped) }
    if result.poison > 0 { line("invalid, on purpose", "\(result.poison.grouped)") }
    if result.duplicates > 0 { line("sent twice", result.duplicates.grouped) }
    if result.skippedLines > 0 { line("lines left out", result.skippedLines.grouped) }
    if let latency = result.intendedToAckedMs { line("intended → acked", text(latency)) }
    if let verification = result.verification {
      if let latency = verification.ackedToQueryableMs { line("acked → queryable", text(latency)) }
      if let latency = verification.intendedToQueryableMs { line("intended → queryable", text(latency)) }
      line("in ClickHouse", "\(verification.found.grouped) of \(verification.expected.grouped)")
      for (name, count) in result.byType.sorted(by: { $0.value > $1.value }) { line("  \(name)", count.grouped) }
      for (name, count) in result.deadLetters.sorted(by: { $0.key < $1.key }) { line("  dead: \(name)", count.grouped) }
      if verification.ok {
        line("verified", "yes: counts by type, checksums of ids, coordinates and contents")
      } else {
        line("verified", "NO, after \(text(verification.seconds, 1)) s")
        for difference in verification.differences { lines.append("    " + difference) }
        if let error = verification.error { lines.append("    " + error) }
      }
    }
    return lines.joined(separator: "\n")
  }

  private func text(_ latency: LatencySummary) -> String {
    "p50 \(text(latency.p50, 1)) · p90 \(text(latency.p90, 1)) · p99 \(text(latency.p99, 1)) · p99.9 "
      + "\(text(latency.p999, 1)) · max \(text(latency.max, 1)) ms"
  }

  private func text(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }

  private func list(_ counts: [String: Int]) -> String {
    counts.sorted { $0.value > $1.value }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    count < width ? self + String(repeating: " ", count: width - count) : self + " "
  }
}

extension Int {
  /// With a comma between groups of three digits.
  package var grouped: String {
    var text = String(magnitude)
    var position = text.count - 3
    while position > 0 {
      text.insert(",", at: text.index(text.startIndex, offsetBy: position))
      position -= 3
    }
    return self < 0 ? "-" + text : text
  }
}
