/// One key of the envelope or of a payload, and what its value must be.
public struct Field: Sendable, Hashable {
  /// What a value may be; the bounds are inclusive.
  public enum Kind: Sendable, Hashable {
    /// A string holding a hyphenated UUID, any case.
    case uuid
    /// A JSON number whose value is a whole number within the bounds.
    case integer(ClosedRange<UInt64>)
    /// A finite JSON number within the bounds.
    case number(ClosedRange<Double>)
    case boolean
    /// An RFC 3339 time; no offset means UTC. Kept to the millisecond, further digits cut off.
    case time
    /// The same, of what is still to come: it may be as far ahead of its message as there are times.
    case dueTime
    case string
    /// A string of at most so many Unicode code points.
    case text(maxCharacters: Int)
    /// The name of a time zone, in the form of IANA's (`TimeZoneName`); whether there is such a zone is not asked.
    case timeZone
    /// A string with an `@`.
    case email
    /// The name of an event type.
    case eventType
    /// A version of that event type.
    case eventVersion
    case object
  }

  /// The key on the wire.
  public let name: String
  public let kind: Kind
  /// Absent or null is a fault when required; otherwise the column keeps its zero.
  public let isRequired: Bool
  /// Where the value goes; nil for the payload itself. An `email` fills `email_hash` and `email_domain` too.
  public let column: EventColumn?

  init(_ name: String, _ kind: Kind, _ column: EventColumn?, isRequired: Bool = true) {
    self.name = name
    self.kind = kind
    self.column = column
    self.isRequired = isRequired
  }

  static func id(_ column: EventColumn, isRequired: Bool = true) -> Field {
    Field(column.name, .integer(0...UInt64.max), column, isRequired: isRequired)
  }

  static func count(_ column: EventColumn, isRequired: Bool = true) -> Field {
    Field(column.name, .integer(0...UInt64(UInt32.max)), column, isRequired: isRequired)
  }

  /// What a deck or course is called; absent where the producer does not say, or the deck is private.
  static let title = Field("title", .text(maxCharacters: 200), .title, isRequired: false)

  /// The payload's one time field; whatever its name, its column is `event_time`.
  static func time(_ name: String) -> Field { Field(name, .time, .eventTime) }

  static func flag(_ column: EventColumn) -> Field { Field(column.name, .boolean, column) }

  static func number(_ column: EventColumn, _ bounds: ClosedRange<Double>, isRequired: Bool = true) -> Field {
    Field(column.name, .number(bounds), column, isRequired: isRequired)
  }
}
