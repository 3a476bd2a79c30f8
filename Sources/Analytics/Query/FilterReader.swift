import EventSchema
import JSON

/// Reads filters: `["is", "deck_id", [17, 18]]`, `["not", …]`, `["has_done", …]`.
struct FilterReader {
  private static let operators = [
    "is", "is_not", "gt", "gte", "lt", "lte", "and", "or", "not", "has_done", "has_not_done",
  ]

  private var nodes = 0

  /// A list of filters that must all hold.
  static func read(_ value: JSONValue, at path: String) throws(QueryProblem) -> [Filter] {
    var reader = FilterReader()
    return try reader.list(value, at: path, insideUsers: false)
  }

  private mutating func list(_ value: JSONValue, at path: String, insideUsers: Bool) throws(QueryProblem) -> [Filter] {
    let items = try QueryReader.list(value, at: path, count: 0...QueryLimits.filterNodes)
    var filters: [Filter] = []
    for (index, item) in items.enumerated() {
      filters.append(try filter(item, at: "\(path)[\(index)]", insideUsers: insideUsers))
    }
    return filters
  }

  private mutating func filter(_ value: JSONValue, at path: String, insideUsers: Bool) throws(QueryProblem) -> Filter {
    nodes += 1
    guard nodes <= QueryLimits.filterNodes else {
      throw .badValue(path, "There are more than \(QueryLimits.filterNodes) filters.")
    }
    guard case .array(let parts) = value, let first = parts.first else {
      throw QueryProblem("wrong_type", path, "\(path) must be a filter such as [\"is\", \"deck_id\", [17]].")
    }
    let name = try QueryReader.text(first, at: "\(path)[0]")
    switch name {
    case "is", "is_not":
      let field = try self.field(parts, path)
      let matches = Filter.isAny(field, try values(parts[2], of: field, at: "\(path)[2]"))
      return name == "is" ? matches : .not(matches)
    case "gt", "gte", "lt", "lte":
      let field = try self.field(parts, path)
      guard let comparison = Filter.Comparison(rawValue: name), [.identifier, .whole, .number].contains(field.kind)
      else {
        let numeric = QueryField.all.filter { [.identifier, .whole, .number].contains($0.kind) }.map(\.name)
        throw .badValue("\(path)[1]", "\(field.name) has no order; \(name) takes: \(numeric.joined(separator: ", ")).")
      }
      return .compares(field, comparison, try self.value(parts[2], of: field, at: "\(path)[2]"))
    case "and", "or":
      try expect(2, parts, path, "[\"\(name)\", [filter, filter, …]]")
      let inner = try list(parts[1], at: "\(path)[1]", insideUsers: insideUsers)
      guard !inner.isEmpty else { throw .badValue("\(path)[1]", "\(name) needs at least one filter.") }
      return name == "and" ? .and(inner) : .or(inner)
    case "not":
      try expect(2, parts, path, "[\"not\", filter]")
      return .not(try filter(parts[1], at: "\(path)[1]", insideUsers: insideUsers))
    case "has_done", "has_not_done":
      guard !insideUsers else { throw .badValue(path, "\(name) cannot be used inside has_done or has_not_done.") }
      try expect(2, parts, path, "[\"\(name)\", filter]")
      return .userHas(done: name == "has_done", try filter(parts[1], at: "\(path)[1]", insideUsers: true))
    default:
      throw .unknown("unknown_operator", "\(path)[0]", name, allowed: Self.operators)
    }
  }

  private func expect(_ count: Int, _ parts: [JSONValue], _ path: String, _ shape: String) throws(QueryProblem) {
    guard parts.count == count else { throw QueryProblem("wrong_type", path, "\(path) must have the form \(shape).") }
  }

  private func field(_ parts: [JSONValue], _ path: String) throws(QueryProblem) -> QueryField {
    try expect(3, parts, path, "[operator, field, value]")
    let name = try QueryReader.text(parts[1], at: "\(path)[1]")
    guard let field = QueryField(name: name) else {
      throw .unknown("unknown_filter_field", "\(path)[1]", name, allowed: QueryField.all.map(\.name))
    }
    return field
  }

  private func values(_ value: JSONValue, of field: QueryField, at path: String) throws(QueryProblem) -> [FilterValue] {
    guard case .array = value else { return [try self.value(value, of: field, at: path)] }
    let items = try QueryReader.list(value, at: path, count: 1...QueryLimits.filterValues)
    var values: [FilterValue] = []
    for (index, item) in items.enumerated() {
      values.append(try self.value(item, of: field, at: "\(path)[\(index)]"))
    }
    return values
  }

  private func value(_ value: JSONValue, of field: QueryField, at path: String) throws(QueryProblem) -> FilterValue {
    switch field.kind {
    case .text:
      let text = try QueryReader.text(value, at: path)
      if field == .eventType, EventType(name: text) == nil {
        throw .unknown("unknown_event_type", path, text, allowed: EventType.allCases.map(\.name))
      }
      return .text(text)
    case .identifier:
      // Programs whose numbers are doubles send long ids as text.
      let digits: String
      switch value {
      case .number(let number): digits = number
      case .string(let text): digits = text
      default: throw .wrongType(path, "an id", value)
      }
      guard let number = UInt64(digits), !digits.hasPrefix("+") else {
        throw .badValue(path, "\(path) must be an id, a whole number from 0 to \(UInt64.max).")
      }
      return .whole(number)
    case .whole:
      guard case .number(let digits) = value else { throw .wrongType(path, "a whole number", value) }
      guard let number = UInt64(digits) else { throw .badValue(path, "\(path) must be a whole number, 0 or more.") }
      return .whole(number)
    case .number:
      guard case .number(let digits) = value else { throw .wrongType(path, "a number", value) }
      guard let number = Double(digits), number.isFinite else { throw .badValue(path, "\(path) is out of range.") }
      return .number(number)
    case .flag:
      return .flag(try QueryReader.flag(value, at: path))
    }
  }
}
