/// Every event type, its fields, and the columns they fill: the one declaration producers, collector, load generator,
/// JSON Schema and the table's test are made from.
public struct Catalogue: Sendable {
  /// The envelope's fields in wire order.
  public let envelope: [Field]
  /// One definition a type, in the order of `EventType.allCases`.
  public let events: [EventDefinition]

  init(envelope: [Field], events: [EventDefinition]) {
    precondition(
      events.map(\.type) == EventType.allCases, "the catalogue defines every event type once, in the order of EventType"
    )
    for event in events {
      precondition(
        event.payload.count(where: { $0.kind == .time }) == 1, "\(event.type.name) needs exactly one time field")
    }
    self.envelope = envelope
    self.events = events
  }

  /// The definition of a type.
  public subscript(type: EventType) -> EventDefinition { events[type.index] }

  /// The columns decoding fills, in table order.
  public var columns: [EventColumn] { EventColumn.allCases }

  /// The topics in use, each once.
  public var topics: [Topic] { Topic.allCases.filter { topic in events.contains { $0.topic == topic } } }

  /// A hash of everything that decides a verdict or a row: declarations, settings, and the decoder's own revision.
  /// Two processes with the same fingerprint make the same rows of the same messages.
  public func fingerprint(settings: EventSettings) -> UInt64 {
    var text = "decoder \(EventDecoder.revision)\n"
    for field in envelope { text += "\(field.canonical)\n" }
    for event in events {
      text += "\(event.type.name) \(event.version)\n"
      for field in event.payload { text += "  \(field.canonical)\n" }
    }
    for column in columns { text += "\(column.name) \(column.type.clickHouseName)\n" }
    text += settings.canonical
    return SipHash.fixed.hash(text)
  }

  /// The fingerprint under the default settings.
  public var fingerprint: UInt64 { fingerprint(settings: EventSettings()) }
}

extension Field {
  /// The field in words that stay the same between compilers.
  fileprivate var canonical: String {
    let value =
      switch kind {
      case .uuid: "uuid"
      case .integer(let bounds): "integer \(bounds.lowerBound) \(bounds.upperBound)"
      case .number(let bounds): "number \(bounds.lowerBound.bitPattern) \(bounds.upperBound.bitPattern)"
      case .boolean: "boolean"
      case .time: "time"
      case .dueTime: "due time"
      case .text(let maxCharacters): "text \(maxCharacters)"
      case .timeZone: "time zone"
      case .string: "string"
      case .email: "email"
      case .eventType: "event type"
      case .eventVersion: "event version"
      case .object: "object"
      }
    return "\(name): \(value) > \(column?.name ?? "-") \(isRequired ? "required" : "optional")"
  }
}
