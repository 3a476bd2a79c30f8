import JSON

/// A Swift value that a request carries as an object: a body, the parameters of the URL, or a part of a body.
///
/// ```swift
/// struct NewCard: RequestObject {
///   struct Fields: FieldSet {
///     let front = Field("front_text", .text(1...2000, .notBlank))
///     let position = Field("order_index", .integer(0...9999), default: .integer(0))
///   }
///   let front: String
///   let position: Int
///   init(_ given: Given<Fields>) {
///     front = given.front
///     position = given.position
///   }
/// }
/// ```
/// What is read is thereby declared, and what is declared is checked and printed.
package protocol RequestObject: Sendable {
  associatedtype Fields: FieldSet

  /// Reads fields that have been found to hold.
  init(_ given: Given<Fields>)

  /// The object's name in the OpenAPI document; the type's unless said otherwise.
  static var schemaName: String { get }

  /// What must hold between the fields; nothing unless said otherwise.
  static var alternatives: [Alternatives] { get }
}

extension RequestObject {
  package static var schemaName: String { String(describing: Self.self) }
  package static var alternatives: [Alternatives] { [] }
}

/// What a request gave for declared fields.
@dynamicMemberLookup
package struct Given<Fields: FieldSet> {
  private let fields: Fields
  private let value: JSONValue

  /// - Parameter value: an object for which the fields' schema holds.
  init(_ fields: Fields, _ value: JSONValue) {
    self.fields = fields
    self.value = value
  }

  package subscript<Value>(dynamicMember path: KeyPath<Fields, Field<Value>>) -> Value {
    let field = fields[keyPath: path]
    return field.convert(value[field.property.name])
  }
}

/// A request that carries nothing there.
package struct NoFields: RequestObject {
  package struct Fields: FieldSet {
    package init() {}
  }

  package init(_ given: Given<Fields>) {}
}
