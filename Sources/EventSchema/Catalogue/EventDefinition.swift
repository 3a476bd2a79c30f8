/// One event type of the catalogue: where it travels and what its payload holds.
public struct EventDefinition: Sendable, Hashable {
  public let type: EventType
  /// The value of `event_version` this definition answers to.
  public let version: UInt16
  public let topic: Topic
  public let key: KeyRule
  /// The payload's fields in wire order.
  public let payload: [Field]

  init(_ type: EventType, _ topic: Topic, key: KeyRule, _ payload: [Field], version: UInt16 = 1) {
    self.type = type
    self.version = version
    self.topic = topic
    self.key = key
    self.payload = payload
  }

  /// The place of a field in `payload`, or nil.
  public func position(of column: EventColumn) -> Int? { payload.firstIndex { $0.column == column } }
}

/// How the Kafka key of an event is made: a prefix and the decimal id of the first of `columns` the event has.
public struct KeyRule: Sendable, Hashable {
  public let prefix: String
  public let columns: [EventColumn]

  init(_ columns: EventColumn..., prefix: String = "") {
    self.prefix = prefix
    self.columns = columns
  }

  static let user = KeyRule(.userID)
  static let course = KeyRule(.courseID)
  static let enrollment = KeyRule(.enrollmentID, .courseID)
  static let deck = KeyRule(.deckID, prefix: "deck:")
  static let card = KeyRule(.cardID, prefix: "card:")
}
