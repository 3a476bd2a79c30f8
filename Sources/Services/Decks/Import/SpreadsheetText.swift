/// Texts of people in files that spreadsheets open: one that a spreadsheet would take for a formula gets an apostrophe in
/// front (OWASP, CSV injection), which reading takes away again. Every text comes back as it was.
package enum SpreadsheetText {
  /// Tab and carriage return begin a formula where a cell is cut at them; the last four are the wide forms of the first.
  private static let starts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]

  package static func guarded(_ text: String) -> String { needsGuard(text) ? "'" + text : text }

  package static func unguarded(_ text: String) -> String {
    text.first == "'" && needsGuard(String(text.dropFirst())) ? String(text.dropFirst()) : text
  }

  /// Also of what begins with apostrophes before it, so that none of those is taken away by reading.
  private static func needsGuard(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first(where: { $0 != "'" }) else { return false }
    return starts.contains(first)
  }
}
