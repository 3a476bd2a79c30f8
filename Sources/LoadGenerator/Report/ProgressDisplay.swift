import Foundation
import Synchronization

/// Shows on standard error how far a run is: one line that is written over on a terminal, else a line from time to time.
package final class ProgressDisplay: Sendable {
  private let isTerminal: Bool
  private let isSilent: Bool
  private let lastNs = Atomic<Int64>(0)

  package init(isSilent: Bool = false) {
    self.isSilent = isSilent
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  var intervalSeconds: Double { isTerminal ? 0.25 : 5 }

  func show(_ progress: LoadProgress) {
    var text = "sent \(progress.sent.grouped)"
    if let total = progress.total { text += " of \(total.grouped)" }
    text += ", acknowledged \(progress.acked.grouped), \(Int(progress.recentRate).grouped)/s"
    if progress.failed > 0 { text += ", failed \(progress.failed.grouped)" }
    if progress.behindSeconds > 0.5 { text += String(format: ", %.1f s behind", progress.behindSeconds) }
    write(text)
  }

  package func showVerifying(_ found: Int, of expected: Int) {
    show("in ClickHouse: \(found.grouped) of \(expected.grouped)", always: found == expected)
  }

  /// Shows a line, unless one was shown a moment ago.
  package func show(_ text: @autoclosure () -> String, always: Bool = false) {
    let nowNs = Monotonic.now
    guard always || nowNs - lastNs.load(ordering: .relaxed) >= Int64(intervalSeconds * 1e9) else { return }
    lastNs.store(nowNs, ordering: .relaxed)
    write(text())
  }

  func warn(_ text: String) {
    if isTerminal { put("\r\u{1B}[K") }
    if !isSilent { put("kartoteka load: \(text)\n") }
  }

  package func end() {
    if isTerminal { put("\r\u{1B}[K") }
  }

  private func write(_ text: String) { put(isTerminal ? "\r\u{1B}[K\(text)" : "\(text)\n") }

  private func put(_ text: String) {
    guard !isSilent else { return }
    FileHandle.standardError.write(Data(text.utf8))
  }
}
