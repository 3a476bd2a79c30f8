import JSON

/// What must hold between the members of an object, which each for itself are as they should be: at least one of several cases.
package struct Alternatives: Sendable {
  /// The member that is named where none of the cases holds.
  package let place: String
  /// Ends the sentence “front_text must …”, without a full stop.
  package let demand: String
  /// In a case all of its properties are there, and each is as its schema says.
  package let cases: [[Property]]

  package init(_ place: String, demand: String, _ cases: [[Property]]) {
    self.place = place
    self.demand = demand
    self.cases = cases
  }

  func hold(for object: JSONValue) -> Bool {
    cases.contains { properties in
      properties.allSatisfy { property in
        var problems = Problems()
        guard let value = object[property.name] else { return false }
        property.schema.check(value, &problems)
        return problems.isEmpty
      }
    }
  }

  /// As JSON Schema.
  func json(_ components: inout SchemaComponents) -> JSONValue {
    let described = cases.map { properties in
      JSONValue.object([
        .init("properties", .object(properties.map { .init($0.name, $0.schema.json(&components)) })),
        .init("required", .strings(properties.map(\.name))),
      ])
    }
    return .object([.init("anyOf", .array(described))])
  }
}
