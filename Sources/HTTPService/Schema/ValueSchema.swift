import JSON

/// What a JSON value may be. One declaration from which requests are checked, documents printed and written answers tested.
package indirect enum ValueSchema: Sendable {
  /// Whatever JSON can say; in words only.
  case anything(String)
  case boolean
  case text(TextSchema)
  case integer(ClosedRange<Int>)
  /// A number that need not be whole; any finite one without a range.
  case number(ClosedRange<Double>?)
  case array(ValueSchema, count: ClosedRange<Int>)
  case object(ObjectSchema)
  /// An object whose names are data, as ids.
  case map(ValueSchema)
  case nullable(ValueSchema)
}

/// What a string may be. Lengths are in Unicode scalars, as JSON Schema counts them; U+0000 is in no string.
package struct TextSchema: Sendable {
  package var length: ClosedRange<Int>
  package var rule: TextRule?
  /// Nothing else than these.
  package var choices: [String]?

  package init(_ length: ClosedRange<Int> = 0...Int.max, rule: TextRule? = nil, choices: [String]? = nil) {
    self.length = length
    self.rule = rule
    self.choices = choices
  }
}

/// An object with known members; others are refused.
package struct ObjectSchema: Sendable {
  /// As the OpenAPI document calls it, or nil when it stands where it is used.
  package let name: String?
  package let properties: [Property]
  /// Each of them holds besides.
  package let alternatives: [Alternatives]

  package init(_ name: String?, _ properties: [Property], alternatives: [Alternatives] = []) {
    precondition(Set(properties.map(\.name)).count == properties.count, "\(name ?? "An object") names a member twice")
    self.name = name
    self.properties = properties
    self.alternatives = alternatives
  }
}

/// A member of an object, or a parameter of a request.
package struct Property: Sendable {
  package let name: String
  package let schema: ValueSchema
  package let isRequired: Bool
  /// What holds without it.
  package let fallback: JSONValue?
  /// For people; may be empty.
  package let meaning: String

  package init(
    _ name: String, _ schema: ValueSchema, isRequired: Bool = true, fallback: JSONValue? = nil, meaning: String = ""
  ) {
    self.name = name
    self.schema = schema
    self.isRequired = isRequired
    self.fallback = fallback
    self.meaning = meaning
  }
}
