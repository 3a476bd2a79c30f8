/// Text that somebody else wrote, as it is repeated in a message: at most 80 Unicode scalars, control characters escaped, so
/// that it moves no cursor and ends no line.
package enum ForeignText {
  private static let longest = 80

  package static func shown(_ text: some StringProtocol) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(longest) {
      shown += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return text.unicodeScalars.dropFirst(longest).isEmpty ? shown : shown + "…"
  }
}
