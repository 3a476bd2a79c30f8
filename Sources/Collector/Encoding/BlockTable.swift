import EventSchema

/// A table that a range's rows go into, and what its blocks look like.
enum BlockTable: String {
  case events = "events"
  case deadLetters = "dead_letters"

  /// Name and type of each column sent, in the block's order.
  var columns: [(name: String, type: String)] { self == .events ? Self.eventColumns : Self.deadLetterColumns }

  /// The columns as an INSERT lists them.
  var columnNames: String { self == .events ? Self.eventNames : Self.deadLetterNames }

  /// The columns as `input()` declares them, inside a string literal.
  var structure: String { self == .events ? Self.eventStructure : Self.deadLetterStructure }

  private static let coordinates = [("topic", "LowCardinality(String)"), ("kafka_partition", "Int32")]
  private static let eventColumns =
    coordinates + Catalogue.v1.columns.map { ($0.name, $0.type.clickHouseName) }
  private static let deadLetterColumns = coordinates + DeadLetterColumns.columns
  private static let eventNames = names(eventColumns)
  private static let deadLetterNames = names(deadLetterColumns)
  private static let eventStructure = structure(eventColumns)
  private static let deadLetterStructure = structure(deadLetterColumns)

  private static func names(_ columns: [(name: String, type: String)]) -> String {
    columns.map(\.name).joined(separator: ", ")
  }

  private static func structure(_ columns: [(name: String, type: String)]) -> String {
    columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ").clickHouseQuoted
  }
}
