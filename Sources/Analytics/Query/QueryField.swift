import EventSchema

/// A property of an event that filters, and some dimensions, can name.
package struct QueryField: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case text
    case identifier
    case whole
    case number
    case flag
  }

  /// Where the value comes from.
  package enum Origin: Sendable, Hashable {
    case column(EventColumn)
    /// 0…23 in the query's time zone.
    case hourOfDay
    /// 1 (Monday) … 7 in the query's time zone.
    case dayOfWeek
  }

  package let name: String
  package let kind: Kind
  package let origin: Origin
  package let isDimension: Bool

  private init(_ column: EventColumn, _ kind: Kind, isDimension: Bool = false) {
    name = column.name
    self.kind = kind
    origin = .column(column)
    self.isDimension = isDimension
  }

  private init(_ name: String, _ origin: Origin) {
    self.name = name
    kind = .whole
    self.origin = origin
    isDimension = true
  }

  package static let userID = QueryField(.userID, .identifier, isDimension: true)
  package static let deckID = QueryField(.deckID, .identifier, isDimension: true)
  package static let courseID = QueryField(.courseID, .identifier, isDimension: true)
  package static let eventType = QueryField(.eventType, .text, isDimension: true)

  package static let all: [QueryField] = [
    eventType,
    QueryField(.producer, .text, isDimension: true),
    userID, deckID, courseID,
    QueryField(.cardID, .identifier, isDimension: true),
    QueryField("hour_of_day", .hourOfDay),
    QueryField("day_of_week", .dayOfWeek),
    QueryField(.sessionID, .identifier),
    QueryField(.enrollmentID, .identifier),
    QueryField(.authorID, .identifier),
    QueryField(.emailDomain, .text),
    QueryField(.totalCardsSeen, .whole),
    QueryField(.learnedCards, .whole),
    QueryField(.durationSec, .whole),
    QueryField(.answerTimeMs, .whole),
    QueryField(.cardsTotal, .whole),
    QueryField(.cardsCorrect, .whole),
    QueryField(.totalTimeSec, .whole),
    QueryField(.rating, .whole),
    QueryField(.completed, .flag),
    QueryField(.correct, .flag),
    QueryField(.progressPercent, .number),
    QueryField(.correctRate, .number),
    QueryField(.title, .text),
    QueryField(.timezone, .text),
    QueryField(.orderIndex, .whole),
    QueryField(.sincePreviousSec, .whole),
    QueryField(.scheduledDays, .whole),
    QueryField(.stability, .number),
    QueryField(.retrievability, .number),
  ]

  package init?(name: String) {
    guard let match = Self.all.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// The event types that have the property; all when it belongs to every event.
  package var carriers: [EventType] {
    switch origin {
    case .hourOfDay, .dayOfWeek: return EventType.allCases
    case .column(let column):
      if column == .emailDomain { return [.userRegistered] }
      if Catalogue.v1.envelope.contains(where: { $0.column == column }) { return EventType.allCases }
      return Catalogue.v1.events.filter { $0.position(of: column) != nil }.map(\.type)
    }
  }

  package var isOnEveryEvent: Bool { carriers.count == EventType.allCases.count }
}
