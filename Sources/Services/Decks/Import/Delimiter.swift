/// What stands between the fields of a table.
package enum Delimiter: String, CaseIterable, Sendable {
  // In the order in which they are preferred: commas occur in sentences.
  case tab, semicolon, comma

  package var byte: UInt8 {
    switch self {
    case .tab: UInt8(ascii: "\t")
    case .semicolon: UInt8(ascii: ";")
    case .comma: UInt8(ascii: ",")
    }
  }

  private static let sample = 20

  /// The one by which the first rows have the same number of fields, two or more, most often; nil if none makes two.
  package static func detected(in bytes: [UInt8]) -> Delimiter? {
    let scored = allCases.map { delimiter in (delimiter, score(delimiter, bytes)) }
    // Of equal scores the first, which is the preferred one.
    guard let best = scored.map(\.1).max(), best > 0 else { return nil }
    return scored.first { $0.1 == best }?.0
  }

  private static func score(_ delimiter: Delimiter, _ bytes: [UInt8]) -> Int {
    var reader = TableReader(bytes, delimiter)
    var counts: [Int] = []
    while counts.count < sample, let record = try? reader.next() { counts.append(record.fields.count) }
    guard let first = counts.first, first >= 2 else { return 0 }
    return counts.filter { $0 == first }.count
  }
}
