import JSON

/// The schemas that an OpenAPI document has under their names.
struct SchemaComponents {
  private(set) var members: [JSONValue.Member] = []

  /// Keeps a schema; one name stands for one schema.
  mutating func add(_ name: String, _ json: JSONValue) {
    if let known = members.first(where: { $0.name == name }) {
      precondition(known.value == json, "two different schemas are called \(name)")
    } else {
      members.append(.init(name, json))
    }
  }
}

extension ValueSchema {
  /// As JSON Schema 2020-12, the dialect of OpenAPI 3.1. Named objects become references into `components`.
  func json(_ components: inout SchemaComponents) -> JSONValue {
    switch self {
    case .anything(let meaning): .object([.init("description", .string(meaning))])
    case .boolean: Self.typed("boolean", [])
    case .text(let schema): schema.json
    case .integer(let range): Self.typed("integer", [.init("format", .string("int64"))] + Self.bounds(range))
    case .number(let range): Self.typed("number", Self.bounds(range))
    case .array(let element, let count):
      Self.typed("array", [.init("items", element.json(&components))] + Self.bounds(count, "minItems", "maxItems"))
    case .object(let schema): schema.json(&components)
    case .map(let schema): Self.typed("object", [.init("additionalProperties", schema.json(&components))])
    case .nullable(let schema): Self.nullable(schema.json(&components))
    }
  }

  private static func typed(_ name: String, _ more: [JSONValue.Member]) -> JSONValue {
    .object([.init("type", .string(name))] + more)
  }

  private static func nullable(_ json: JSONValue) -> JSONValue {
    guard case .object(var members) = json, case .string(let type)? = json["type"], json["enum"] == nil else {
      return .object([.init("anyOf", .array([json, .object([.init("type", .string("null"))])]))])
    }
    members[0] = .init("type", .strings([type, "null"]))
    return .object(members)
  }

  private static func bounds(_ range: ClosedRange<Int>) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if range.lowerBound != Int.min { members.append(.init("minimum", .integer(range.lowerBound))) }
    if range.upperBound != Int.max { members.append(.init("maximum", .integer(range.upperBound))) }
    return members
  }

  private static func bounds(_ range: ClosedRange<Double>?) -> [JSONValue.Member] {
    guard let range else { return [] }
    return [.init("minimum", .double(range.lowerBound)), .init("maximum", .double(range.upperBound))]
  }

  fileprivate static func bounds(_ count: ClosedRange<Int>, _ least: String, _ most: String) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if count.lowerBound > 0 { members.append(.init(least, .integer(count.lowerBound))) }
    if count.upperBound != Int.max { members.append(.init(most, .integer(count.upperBound))) }
    return members
  }
}

extension TextSchema {
  fileprivate var json: JSONValue {
    var members: [JSONValue.Member] = [.init("type", .string("string"))]
    if let choices {
      members.append(.init("enum", .strings(choices)))
      return .object(members)
    }
    members += ValueSchema.bounds(length, "minLength", "maxLength")
    if let format = rule?.format { members.append(.init("format", .string(format))) }
    // PostgreSQL keeps no U+0000, so no text may have one.
    if rule?.format == nil { members.append(.init("pattern", .string(rule?.pattern ?? "^[^\\u0000]*$"))) }
    if let rule, rule.pattern == nil {
      members.append(.init("description", .string("It \(rule.demand).")))
    }
    return .object(members)
  }
}

extension ObjectSchema {
  fileprivate func json(_ components: inout SchemaComponents) -> JSONValue {
    let members = properties.map { JSONValue.Member($0.name, $0.json(&components)) }
    let required = properties.filter(\.isRequired).map(\.name)
    var json: [JSONValue.Member] = [.init("type", .string("object")), .init("properties", .object(members))]
    if !required.isEmpty { json.append(.init("required", .strings(required))) }
    json.append(.init("additionalProperties", .bool(false)))
    if !alternatives.isEmpty { json.append(.init("allOf", .array(alternatives.map { $0.json(&components) }))) }
    guard let name else { return .object(json) }
    components.add(name, .object(json))
    return .object([.init("$ref", .string("#/components/schemas/\(name)"))])
  }
}

extension Property {
  /// The schema with what is said about the property itself.
  func json(_ components: inout SchemaComponents) -> JSONValue {
    guard case .object(var members) = schema.json(&components) else { return .object([]) }
    if let fallback { members.append(.init("default", fallback)) }
    if !meaning.isEmpty {
      members.removeAll { $0.name == "description" }
      members.append(.init("description", .string(meaning)))
    }
    return .object(members)
  }
}
