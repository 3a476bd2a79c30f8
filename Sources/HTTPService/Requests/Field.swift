import JSON

/// A named member of a request: of its body, its query, or its path. It is declared once, as a property of a ``FieldSet``.
package struct Field<Value: Sendable>: DeclaredField {
  package let property: Property
  let convert: @Sendable (JSONValue?) -> Value

  /// One that must be given.
  package init(_ name: String, _ form: Form<Value>, _ meaning: String = "") {
    property = Property(name, form.schema, meaning: meaning)
    convert = { value in
      guard let value else { preconditionFailure("a required field is missing after the check") }
      return form.convert(value)
    }
  }

  /// One that may be left out.
  /// - Parameter fallback: what then holds, as it would be written.
  package init(_ name: String, _ form: Form<Value>, default fallback: JSONValue, _ meaning: String = "") {
    var problems = Problems()
    form.schema.check(fallback, &problems)
    precondition(problems.isEmpty, "the default of \(name) \(problems.found.map(\.message))")
    property = Property(name, form.schema, isRequired: false, fallback: fallback, meaning: meaning)
    convert = { form.convert($0 ?? fallback) }
  }

  /// One that may be left out and is nil then; null is refused.
  package init<Wrapped>(optional name: String, _ form: Form<Wrapped>, _ meaning: String = "")
  where Value == Wrapped? {
    property = Property(name, form.schema, isRequired: false, meaning: meaning)
    convert = { $0.map(form.convert) }
  }

  /// One that may be left out or be null, and is nil in both cases.
  package init<Wrapped>(nullable name: String, _ form: Form<Wrapped>, _ meaning: String = "")
  where Value == Wrapped? {
    property = Property(name, .nullable(form.schema), isRequired: false, meaning: meaning)
    convert = { value in
      guard let value, value != .null else { return nil }
      return form.convert(value)
    }
  }

  /// One of a partial change: left out it stays, null clears it.
  package init<Wrapped>(change name: String, _ form: Form<Wrapped>, _ meaning: String = "")
  where Value == Change<Wrapped> {
    property = Property(name, .nullable(form.schema), isRequired: false, meaning: meaning)
    convert = { value in
      guard let value else { return .unchanged }
      return value == .null ? .cleared : .set(form.convert(value))
    }
  }
}

/// What a partial change says of a field that may be empty.
package enum Change<Value: Sendable>: Sendable {
  case unchanged, cleared
  case set(Value)
}

extension Change: Equatable where Value: Equatable {}

/// A field whatever the type of its value.
protocol DeclaredField: Sendable {
  var property: Property { get }
}

/// The fields of a request, each a stored property that is a ``Field``.
package protocol FieldSet: Sendable {
  init()
}

extension FieldSet {
  /// In the order of declaration.
  package var properties: [Property] {
    Mirror(reflecting: self).children.map { child in
      guard let field = child.value as? any DeclaredField else {
        preconditionFailure("\(type(of: self)).\(child.label ?? "") is not a field")
      }
      return field.property
    }
  }
}
