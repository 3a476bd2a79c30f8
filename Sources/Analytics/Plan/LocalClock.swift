import CivilTime

/// How a zone's clocks stood to UTC within one span, as SQL.
///
/// The offsets are the service's own (`Zone`), bound as parameters: ClickHouse's tables of zones play no part, so the days
/// an answer names are those its span was cut by. (ClickHouse 25.5 is a day off in `timezoneOffset` across the date line.)
package struct LocalClock {
  /// References to the moments within the span at which the offset changes, in seconds since 1970, in order.
  private let changes: [String]
  /// References to the offsets in force before the first change and from each change on, in seconds.
  private let offsets: [String]
  private let isUTC: Bool

  package init(_ span: Span, _ parameters: inout Parameters) {
    let moments = span.zone.changes(from: span.from, to: span.to)
    let seconds = ([span.from] + moments).map(span.zone.offset(at:))
    offsets = seconds.map { parameters.bind(String($0), as: "Int32") }
    changes = moments.map { parameters.bind(String($0.seconds), as: "UInt32") }
    isUTC = seconds == [0]
  }

  /// The offset in force at a moment, in seconds.
  package func offset(of time: String) -> String { offset(at: "toUnixTimestamp(\(time))", among: 0..<offsets.count) }

  /// What the clocks showed at a moment, as if it were a time of UTC.
  package func local(_ time: String) -> String {
    isUTC ? time : "toDateTime(\(localSeconds(of: time)), 'UTC')"
  }

  /// The same as a count of seconds.
  package func localSeconds(of time: String) -> String { "toInt64(toUnixTimestamp(\(time))) + \(offset(of: time))" }

  /// A binary search: over a year of two changes it costs a row less than ClickHouse's own look-up.
  private func offset(at seconds: String, among range: Range<Int>) -> String {
    guard range.count > 1 else { return offsets[range.lowerBound] }
    let middle = range.lowerBound + range.count / 2
    let earlier = offset(at: seconds, among: range.lowerBound..<middle)
    let later = offset(at: seconds, among: middle..<range.upperBound)
    return "if(\(seconds) < \(changes[middle - 1]), \(earlier), \(later))"
  }
}
