/// Texts in the order of their bytes, searched where they lie.
struct SortedTexts: Sendable {
  private let bytes: [UInt8]
  private let separators: Set<UInt8>

  /// - Parameters:
  ///   - sorted: the texts, one separator between two; one at the end ends no further text.
  ///   - separators: bytes that are in no text.
  init(sorted bytes: [UInt8], separators: Set<UInt8>) {
    self.bytes = bytes
    self.separators = separators
  }

  var count: Int { bytes.split(whereSeparator: separators.contains).count }

  func contains(_ text: [UInt8]) -> Bool {
    guard !text.isEmpty, !text.contains(where: separators.contains) else { return false }
    // The text looked for begins within `low..<high`, if anywhere; both are beginnings of texts.
    var (low, high) = (0, bytes.count)
    while low < high {
      let start = startOfText(around: low + (high - low) / 2, from: low)
      let end = bytes[start...].firstIndex(where: separators.contains) ?? bytes.count
      let found = bytes[start..<end]
      if found.elementsEqual(text) { return true }
      if found.lexicographicallyPrecedes(text) { low = min(end + 1, high) } else { high = start }
    }
    return false
  }

  private func startOfText(around index: Int, from low: Int) -> Int {
    var start = index
    while start > low, !separators.contains(bytes[start - 1]) { start -= 1 }
    return start
  }
}
