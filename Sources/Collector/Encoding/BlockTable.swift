import EventSchema

/// A table that a range's rows go into, and what its blocks look like.
package enum BlockTable: String {
  case events = "events"
  case deadLetters = "dead_letters"

  /// Name and type of each column sent, in the block's order.
  package var columns: [(name: String, type: String)] { self == .events ? Self.eventColumns : Self.deadLetterColumns }

  private static let coordinates = [("topic", "LowCardinality(String)"), ("kafka_partition", "Int32")]
  private static let eventColumns =
    coordinates + Catalogue.v1.columns.map { ($0.name, $0.type.clickHouseName) }
  private static let deadLetterColumns = coordinates + DeadLetterColumns.columns
}
