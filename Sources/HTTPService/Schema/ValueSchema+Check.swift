import JSON

extension ValueSchema {
  /// Adds all that keeps `value` from being what this schema says.
  package func check(_ value: JSONValue, _ problems: inout Problems) {
    switch (self, value) {
    case (.anything, _), (.boolean, .bool), (.nullable, .null): break
    case (.nullable(let schema), _): schema.check(value, &problems)
    case (.text(let schema), .string(let text)): schema.check(text, &problems)
    case (.integer(let range), .number(let digits)):
      guard let number = Self.wholeNumber(digits), range.contains(number) else {
        return problems.add(Self.demand(range))
      }
    case (.number(let range), .number(let digits)):
      guard let number = Double(digits), number.isFinite, range?.contains(number) ?? true else {
        return problems.add(Self.demand(range))
      }
    case (.array(let element, let count), .array(let values)):
      guard count.contains(values.count) else { return problems.add(Self.demand(count, found: values.count)) }
      for (index, value) in values.enumerated() { problems.inside(index) { element.check(value, &$0) } }
    case (.object(let schema), .object(let members)): schema.check(members, value, &problems)
    case (.map(let schema), .object(let members)):
      for member in members { problems.inside(member.name) { schema.check(member.value, &$0) } }
    default: problems.add("must be \(kind), not \(value.kind)")
    }
  }

  /// What kind of value this asks for, in words.
  private var kind: String {
    switch self {
    case .anything: "anything"
    case .boolean: "true or false"
    case .text: "a string"
    case .integer: "a whole number"
    case .number: "a number"
    case .array: "an array"
    case .object, .map: "an object"
    case .nullable(let schema): "\(schema.kind) or null"
    }
  }

  /// The whole number that `digits` of JSON's grammar are, also as `2.0` or `1e3`; nil for others and those beyond 2⁵³ that
  /// are not written as digits alone.
  static func wholeNumber(_ digits: String) -> Int? {
    if let number = Int(digits) { return number }
    guard let number = Double(digits), abs(number) <= 0x1p53 else { return nil }
    return Int(exactly: number)
  }

  private static func demand(_ range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (Int.min, Int.max): "must be a whole number"
    case (let lowest, Int.max): "must be a whole number, at least \(lowest)"
    case (let lowest, let highest): "must be a whole number from \(lowest) to \(highest)"
    }
  }

  private static func demand(_ range: ClosedRange<Double>?) -> String {
    guard let range else { return "must be a number" }
    return "must be a number from \(range.lowerBound) to \(range.upperBound)"
  }

  private static func demand(_ count: ClosedRange<Int>, found: Int) -> String {
    let wanted =
      count.upperBound == Int.max ? "at least \(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
    return "must have \(wanted) elements, not \(found)"
  }
}

extension TextSchema {
  func check(_ text: String, _ problems: inout Problems) {
    if let choices {
      if !choices.contains(text) { problems.add("must be one of \(choices.joined(separator: ", "))") }
      return
    }
    let count = text.unicodeScalars.count
    if !length.contains(count) { return problems.add(demand(found: count)) }
    if text.unicodeScalars.contains("\0") { return problems.add("must not contain U+0000") }
    if let rule, !rule.holds(text) { problems.add(rule.demand) }
  }

  private func demand(found: Int) -> String {
    if found < length.lowerBound {
      return length.lowerBound == 1 ? "must not be empty" : "must have at least \(length.lowerBound) characters"
    }
    return "must have at most \(length.upperBound) characters, not \(found)"
  }
}

extension ObjectSchema {
  fileprivate func check(_ members: [JSONValue.Member], _ value: JSONValue, _ problems: inout Problems) {
    let count = problems.count
    for member in members where !properties.contains(where: { $0.name == member.name }) {
      let known = properties.isEmpty ? "there are none" : "known are \(properties.map(\.name).joined(separator: ", "))"
      problems.inside(member.name) { $0.add("is not a known field; \(known)") }
    }
    for property in properties {
      if let given = value[property.name] {
        problems.inside(property.name) { property.schema.check(given, &$0) }
      } else if property.isRequired {
        problems.inside(property.name) { $0.add("is missing") }
      }
    }
    // Of members that are wrong by themselves enough is said.
    guard problems.count == count else { return }
    for alternatives in alternatives where !alternatives.hold(for: value) {
      problems.inside(alternatives.place) { $0.add(alternatives.demand) }
    }
  }
}
