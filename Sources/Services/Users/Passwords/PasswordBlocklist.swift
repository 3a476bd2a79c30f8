/// Passwords that are tried first by whoever guesses: those in the binary, and those of a file.
///
/// Compared without regard to case.
package struct PasswordBlocklist: Sendable {
  /// The most bytes a file may have.
  package static let largestFile = 64 << 20
  private static let lineFeed = UInt8(ascii: "\n")

  /// Each in lower case, without doubles.
  private let lists: [SortedTexts]

  /// Those in the binary.
  package init() {
    let text = CommonPasswords.text.withUTF8Buffer { Array($0) }
    lists = [SortedTexts(sorted: text, separators: [UInt8(ascii: " "), Self.lineFeed])]
  }

  /// Those in the binary, and one a line of `file`. Shorter ones than a password may be are passed over.
  package init(adding file: [UInt8]) throws(PasswordBlocklistError) {
    guard file.count <= Self.largestFile else { throw .tooLarge(bytes: file.count) }
    var lines: Set<String> = []
    for (index, line) in file.split(separator: Self.lineFeed, omittingEmptySubsequences: false).enumerated() {
      guard let text = String(validating: line, as: UTF8.self) else { throw .notUTF8(line: index + 1) }
      let entry = PasswordPolicy.folded(text.hasSuffix("\r") ? String(text.dropLast()) : text)
      if entry.unicodeScalars.count >= PasswordPolicy.lengths.lowerBound { lines.insert(entry) }
    }
    let added = lines.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    lists =
      PasswordBlocklist().lists + [
        SortedTexts(sorted: Array(added.joined(separator: [Self.lineFeed])), separators: [Self.lineFeed])
      ]
  }

  package var count: Int { lists.reduce(0) { $0 + $1.count } }

  /// - Parameter folded: as `PasswordPolicy` compares it.
  func contains(_ folded: String) -> Bool {
    let bytes = Array(folded.utf8)
    return lists.contains { $0.contains(bytes) }
  }
}

package enum PasswordBlocklistError: Error, Equatable, CustomStringConvertible {
  case tooLarge(bytes: Int)
  case notUTF8(line: Int)

  package var description: String {
    switch self {
    case .tooLarge(let bytes):
      "the list of passwords has \(bytes) bytes; at most \(PasswordBlocklist.largestFile) are read"
    case .notUTF8(let line): "line \(line) of the list of passwords is not UTF-8"
    }
  }
}
