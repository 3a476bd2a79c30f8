/// How long a topic keeps a message, as people write it: `14d`, `36h`, `forever`.
package struct Retention: Sendable, Equatable, CustomStringConvertible {
  static let entry = "retention.ms"
  static let wanted = "a time with its unit (250ms, 30s, 10m, 36h, 14d) or forever"

  /// Milliseconds; `nil` is for ever.
  package let milliseconds: Int64?

  package init(milliseconds: Int64?) { self.milliseconds = milliseconds }

  /// `nil` for a text that is no such time.
  package init?(_ text: String) {
    if text == "forever" {
      milliseconds = nil
      return
    }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let amount = Int64(digits), amount > 0,
      let unit = Self.units.first(where: { $0.name == text.dropFirst(digits.count) })
    else { return nil }
    let (product, overflow) = amount.multipliedReportingOverflow(by: unit.milliseconds)
    guard !overflow else { return nil }
    milliseconds = product
  }

  /// Kafka's value of `retention.ms`.
  package var kafkaValue: String { String(milliseconds ?? -1) }

  /// From Kafka's value of `retention.ms`; `nil` when it is no number.
  package init?(kafkaValue: String) {
    guard let value = Int64(kafkaValue) else { return nil }
    milliseconds = value < 0 ? nil : value
  }

  /// In the largest unit that gives a whole number.
  package var description: String {
    guard let milliseconds else { return "forever" }
    let unit = Self.units.first { milliseconds % $0.milliseconds == 0 && milliseconds > 0 } ?? Self.units[4]
    return "\(milliseconds / unit.milliseconds)\(unit.name)"
  }

  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]
}
