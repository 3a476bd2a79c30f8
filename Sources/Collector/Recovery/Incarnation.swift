import ClickHouse

/// A run of the ClickHouse server, from its start to its end, as the collectors call it once its rollups are recovered.
///
/// A UUID rather than a time: clocks are asked for nothing.
package struct Incarnation: Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ name: String) { description = name }

  static func random() -> Incarnation { Incarnation(ClickHouseUUID.random().description) }

  /// As ClickHouse writes a UUID; nil for that of zeros, which says that there is none.
  init?(column: String) {
    guard column != Self.none else { return nil }
    description = column
  }

  static let none = "00000000-0000-0000-0000-000000000000"
}
