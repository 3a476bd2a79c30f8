import CivilTime
import JSON

/// How a value of a request is written in JSON, and read from it once the schema has been found to hold.
package struct Form<Value: Sendable>: Sendable {
  package let schema: ValueSchema
  /// Only for values the schema holds for.
  let convert: @Sendable (JSONValue) -> Value

  /// - Parameter convert: gets only what `schema` holds for.
  package init(_ schema: ValueSchema, convert: @escaping @Sendable (JSONValue) -> Value) {
    self.schema = schema
    self.convert = convert
  }

  /// Reads `value`, or adds all that keeps it from being read.
  func read(_ value: JSONValue, _ problems: inout Problems) -> Value? {
    schema.check(value, &problems)
    return problems.isEmpty ? convert(value) : nil
  }

  /// The schema and what is converted do not fit together: a mistake in a declaration, not in a request.
  static func misdeclared(_ value: JSONValue) -> Never {
    preconditionFailure("a form converts what its schema does not allow: \(value.kind)")
  }
}

extension Form where Value == String {
  /// Kept as it was written, blanks included.
  /// - Parameter length: in Unicode scalars.
  package static func text(_ length: ClosedRange<Int>, _ rule: TextRule? = nil) -> Form {
    text(TextSchema(length, rule: rule))
  }

  /// A name of the IANA database, which is as long as it is.
  package static var timeZone: Form { text(TextSchema(rule: .timeZone)) }

  private static func text(_ schema: TextSchema) -> Form {
    Form(.text(schema)) { value in
      guard case .string(let text) = value else { misdeclared(value) }
      return text
    }
  }
}

extension Form where Value == Instant {
  /// The years 0 to 9999, which answers can say too; a time beyond them, by its offset, is the nearest within.
  private static let sayable = Instant(seconds: -62_167_219_200)...Instant(seconds: 253_402_300_799)

  /// An RFC 3339 time.
  package static var moment: Form {
    Form(.text(TextSchema(rule: .anyMoment))) { value in
      guard case .string(let text) = value, let moment = Instant(rfc3339: text) else { misdeclared(value) }
      return min(max(moment, sayable.lowerBound), sayable.upperBound)
    }
  }
}

extension Form where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  package static func choice(of type: Value.Type) -> Form {
    Form(.text(TextSchema(choices: Value.allCases.map(\.rawValue)))) { value in
      guard case .string(let text) = value, let choice = Value(rawValue: text) else { misdeclared(value) }
      return choice
    }
  }
}

extension Form where Value == Int {
  package static func integer(_ range: ClosedRange<Int>) -> Form {
    Form(.integer(range)) { value in
      guard case .number(let digits) = value, let number = ValueSchema.wholeNumber(digits) else { misdeclared(value) }
      return number
    }
  }
}

extension Form where Value == Int64 {
  /// The number of a row: 1 or above.
  package static var id: Form {
    Form(.integer(1...Int.max)) { value in
      guard case .number(let digits) = value, let number = ValueSchema.wholeNumber(digits) else { misdeclared(value) }
      return Int64(number)
    }
  }
}

extension Form where Value == Double {
  package static func number(_ range: ClosedRange<Double>) -> Form {
    Form(.number(range)) { value in
      guard case .number(let digits) = value, let number = Double(digits) else { misdeclared(value) }
      return number
    }
  }
}

extension Form where Value == Bool {
  package static var flag: Form {
    Form(.boolean) { value in
      guard case .bool(let flag) = value else { misdeclared(value) }
      return flag
    }
  }
}

extension Form {
  package static func array<Element>(of element: Form<Element>, count: ClosedRange<Int>) -> Form
  where Value == [Element] {
    Form(.array(element.schema, count: count)) { value in
      guard case .array(let values) = value else { misdeclared(value) }
      return values.map(element.convert)
    }
  }
}

extension Form where Value: RequestObject {
  package static func object(_ type: Value.Type) -> Form {
    let fields = Value.Fields()
    return Form(.object(ObjectSchema(Value.schemaName, fields.properties, alternatives: Value.alternatives))) {
      Value(Given(fields, $0))
    }
  }
}
