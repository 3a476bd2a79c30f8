import JSON

/// The catalogue as JSON Schema, draft 2020-12.
///
/// The schema says what JSON Schema can say. What it cannot: the last of a duplicated key wins, times are bounded by the
/// message's Kafka timestamp, a message is at most 1 MiB and nests at most 64 deep.
public enum JSONSchema {
  /// The schema's text, indented by two blanks, ending in a line feed.
  public static func document(for catalogue: Catalogue = .v1) -> String {
    document(catalogue).indentedText + "\n"
  }

  private static func document(_ catalogue: Catalogue) -> JSONValue {
    let references = catalogue.events.map { event in
      JSONValue.members([("$ref", .string("#/$defs/\(event.type.name)"))])
    }
    let definitions = catalogue.events.map { event in (event.type.name, schema(of: event)) }
    return .members([
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      ("$id", .string("urn:kartoteka:events:1")),
      ("title", .string("Kartoteka event")),
      ("description", .string("One message of an event topic. Keys not listed are ignored.")),
      ("type", .string("object")),
      ("required", required(catalogue.envelope)),
      ("properties", .members(catalogue.envelope.map { ($0.name, schema(of: $0, in: catalogue)) })),
      ("oneOf", .array(references)),
      ("$defs", .members(definitions)),
    ])
  }

  private static func schema(of event: EventDefinition) -> JSONValue {
    let key = event.key.columns.map { "\(event.key.prefix)<\($0.name)>" }.joined(separator: ", else ")
    return .members([
      ("description", .string("Topic \(event.topic.name), key \(key).")),
      (
        "properties",
        .members([
          ("event_type", .members([("const", .string(event.type.name))])),
          ("event_version", .members([("enum", .array([.number("\(event.version)"), .null]))])),
          (
            "payload",
            .members([
              ("type", .string("object")),
              ("required", required(event.payload)),
              ("properties", .members(event.payload.map { ($0.name, schema(of: $0, in: nil)) })),
            ])
          ),
        ])
      ),
    ])
  }

  private static func required(_ fields: [Field]) -> JSONValue {
    .array(fields.filter(\.isRequired).map { .string($0.name) })
  }

  private static func schema(of field: Field, in catalogue: Catalogue?) -> JSONValue {
    var members: [(String, JSONValue)]
    switch field.kind {
    case .uuid:
      members = [("type", .string("string")), ("format", .string("uuid"))]
    case .integer(let bounds):
      members = [
        ("type", .string("integer")), ("minimum", .number("\(bounds.lowerBound)")),
        ("maximum", .number("\(bounds.upperBound)")),
      ]
    case .number(let bounds):
      members = [
        ("type", .string("number")), ("minimum", .number("\(bounds.lowerBound)")),
        ("maximum", .number("\(bounds.upperBound)")),
      ]
    case .boolean:
      members = [("type", .string("boolean"))]
    case .time:
      members = [
        ("description", .string("RFC 3339, 0 to 9 fraction digits; without an offset it is UTC.")),
        ("type", .string("string")), ("pattern", .string(timePattern)),
      ]
    case .dueTime:
      members = [
        ("description", .string("RFC 3339, as the others, and possibly years ahead.")),
        ("type", .string("string")), ("pattern", .string(timePattern)),
      ]
    case .text(let maxCharacters):
      members = [("type", .string("string")), ("maxLength", .number("\(maxCharacters)"))]
    case .timeZone:
      members = [
        ("description", .string("IANA name of a time zone; whether there is one is not asked.")),
        ("type", .string("string")), ("maxLength", .number("\(TimeZoneText.maxBytes)")),
        ("pattern", .string(TimeZoneText.pattern)),
      ]
    case .string:
      members = [("type", .string("string"))]
    case .email:
      members = [("type", .string("string")), ("pattern", .string("@"))]
    case .eventType:
      members = [
        ("type", .string("string")), ("enum", .array((catalogue?.events ?? []).map { .string($0.type.name) })),
      ]
    case .eventVersion:
      members = [("type", .string("integer")), ("default", .number("1"))]
    case .object:
      members = [("type", .string("object"))]
    }
    if !field.isRequired, case .string(let type)? = members.first(where: { $0.0 == "type" })?.1 {
      // null is as good as absent.
      members = members.map { $0.0 == "type" ? ("type", .array([.string(type), .string("null")])) : $0 }
    }
    return .members(members)
  }

  private static let timePattern =
    #"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})?$"#
}
