import CivilTime

/// How a value is written as JSON, and the schema of what is written: one declaration for both.
///
/// ```swift
/// static let representation = Representation<Card>.object("Card", [
///   .init("id", .id) { $0.id },
///   .init("front_image_url", .nullable(.text)) { $0.frontImageURL },
/// ])
/// ```
package struct Representation<Value: Sendable>: Sendable {
  package let schema: ValueSchema
  package let write: @Sendable (Value, inout JSONOutput) -> Void

  /// Written by hand. Tests that answer through `RouterClient` fail when it is not what `schema` says.
  package init(_ schema: ValueSchema, write: @escaping @Sendable (Value, inout JSONOutput) -> Void) {
    self.schema = schema
    self.write = write
  }

  /// A member of an object.
  package struct Member: Sendable {
    let property: Property
    let write: @Sendable (Value, inout JSONOutput) -> Void

    package init<Content>(
      _ name: StaticString, _ representation: Representation<Content>, _ meaning: String = "",
      of content: @escaping @Sendable (Value) -> Content
    ) {
      property = Property(name.description, representation.schema, meaning: meaning)
      write = { value, output in
        output.name(name)
        representation.write(content(value), &output)
      }
    }
  }

  /// An object of these members, each always there.
  /// - Parameter name: as the OpenAPI document calls it; nil to have it where it is used.
  package static func object(_ name: String?, _ members: [Member]) -> Representation {
    Representation(.object(ObjectSchema(name, members.map(\.property)))) { value, output in
      output.object { object in
        for member in members { member.write(value, &object.output) }
      }
    }
  }
}

extension Representation {
  package static func array<Element>(_ element: Representation<Element>) -> Representation where Value == [Element] {
    Representation(.array(element.schema, count: 0...Int.max)) { values, output in
      output.array { array in
        for value in values { element.write(value, &array.output) }
      }
    }
  }

  package static func nullable<Wrapped>(_ wrapped: Representation<Wrapped>) -> Representation
  where Value == Wrapped? {
    Representation(.nullable(wrapped.schema)) { value, output in
      if let value { wrapped.write(value, &output) } else { output.null() }
    }
  }
}

extension Representation where Value: JSONWritable {
  private init(scalar schema: ValueSchema) {
    self.init(schema) { value, output in value.write(to: &output) }
  }
}

extension Representation where Value == String {
  package static var text: Representation { Representation(scalar: .text(TextSchema())) }

  package static func choice(_ choices: [String]) -> Representation {
    Representation(scalar: .text(TextSchema(choices: choices)))
  }
}

extension Representation where Value == Int {
  package static var integer: Representation { Representation(scalar: .integer(Int.min...Int.max)) }

  /// 0 or above.
  package static var count: Representation { Representation(scalar: .integer(0...Int.max)) }
}

extension Representation where Value == Int64 {
  /// The number of a row.
  package static var id: Representation { Representation(scalar: .integer(1...Int.max)) }
}

extension Representation where Value == Double {
  package static var number: Representation { Representation(scalar: .number(nil)) }
}

extension Representation where Value == Bool {
  package static var flag: Representation { Representation(scalar: .boolean) }
}

extension Representation where Value == Instant {
  /// RFC 3339 in UTC with milliseconds.
  package static var moment: Representation { Representation(scalar: .text(TextSchema(rule: .moment))) }
}
