import CivilTime
import JSON

/// Reads a query from JSON; every refusal names the place, and what would have been allowed.
package enum QueryReader {
  package static let names = AnalyticsSchemas.query.properties.map(\.name)

  package static func read(_ bytes: [UInt8]) throws(QueryProblem) -> AnalyticsQuery {
    let value: JSONValue
    do {
      value = try JSONParser.parse(bytes, maximumDepth: QueryLimits.nesting)
    } catch {
      throw QueryProblem("malformed_json", "", "The query is not JSON: \(error.message) (at byte \(error.offset)).")
    }
    return try read(value)
  }

  package static func read(_ value: JSONValue) throws(QueryProblem) -> AnalyticsQuery {
    try checkNames(value, names, at: "")
    guard let metrics = value["metrics"] else { throw missing("metrics", "at least one metric") }
    guard let range = value["date_range"] else {
      throw missing(
        "date_range", "two dates, or one of \(DateRange.Period.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    var query = AnalyticsQuery(metrics: try self.metrics(metrics), dateRange: try DateRangeReader.read(range))
    if let dimensions = value.given("dimensions") { query.dimensions = try self.dimensions(dimensions) }
    if let filters = value.given("filters") { query.filters = try FilterReader.read(filters, at: "filters") }
    if let timezone = value.given("timezone") { query.zone = try zone(timezone) }
    if let order = value.given("order_by") { query.orderBy = try self.order(order, of: query) }
    if let include = value.given("include") { try read(include: include, into: &query) }
    if let limit = value.given("limit") { query.limit = try whole(limit, at: "limit", in: 1...QueryLimits.rows) }
    if let cursor = value.given("cursor") { query.cursor = try text(cursor, at: "cursor") }
    if query.fill, query.grain == nil {
      throw .badValue("include.fill", "fill needs a time dimension, such as time:day, among the dimensions.")
    }
    return query
  }

  private static func missing(_ name: String, _ needed: String) -> QueryProblem {
    QueryProblem("missing_field", name, "\(name) is missing: \(needed).")
  }

  static func checkNames(_ value: JSONValue, _ allowed: [String], at path: String) throws(QueryProblem) {
    guard case .object(let members) = value else { throw .wrongType(path, "an object", value) }
    for member in members where !allowed.contains(member.name) {
      let place = path.isEmpty ? member.name : "\(path).\(member.name)"
      throw .unknown("unknown_field", place, member.name, allowed: allowed)
    }
  }

  private static func metrics(_ value: JSONValue) throws(QueryProblem) -> [Metric] {
    let items = try list(value, at: "metrics", count: 1...QueryLimits.metrics)
    var metrics: [Metric] = []
    for (index, item) in items.enumerated() {
      let path = "metrics[\(index)]"
      let name = try text(item, at: path)
      guard let metric = Metric(rawValue: name) else {
        throw .unknown("unknown_metric", path, name, allowed: Metric.allCases.map(\.rawValue))
      }
      guard !metrics.contains(metric) else { throw .badValue(path, "\(name) is listed twice.") }
      metrics.append(metric)
    }
    return metrics
  }

  private static func dimensions(_ value: JSONValue) throws(QueryProblem) -> [Dimension] {
    let items = try list(value, at: "dimensions", count: 0...QueryLimits.dimensions)
    var dimensions: [Dimension] = []
    for (index, item) in items.enumerated() {
      let path = "dimensions[\(index)]"
      let name = try text(item, at: path)
      guard let dimension = Dimension(name: name) else {
        throw .unknown("unknown_dimension", path, name, allowed: Dimension.all.map(\.name))
      }
      guard !dimensions.contains(dimension) else { throw .badValue(path, "\(name) is listed twice.") }
      guard dimension.grain == nil || !dimensions.contains(where: { $0.grain != nil }) else {
        throw .badValue(path, "Only one time dimension can be asked for at once.")
      }
      dimensions.append(dimension)
    }
    return dimensions
  }

  private static func zone(_ value: JSONValue) throws(QueryProblem) -> Zone {
    let name = try text(value, at: "timezone")
    guard let zone = Zone(name) else {
      throw QueryProblem(
        "unknown_timezone", "timezone",
        "There is no time zone “\(ForeignText.shown(name))”; allowed: names of the IANA database such as Europe/Moscow, and UTC."
      )
    }
    return zone
  }

  private static func order(_ value: JSONValue, of query: AnalyticsQuery) throws(QueryProblem) -> [AnalyticsQuery.Order]
  {
    let terms = query.metrics.map(AnalyticsQuery.Term.metric) + query.dimensions.map(AnalyticsQuery.Term.dimension)
    let items = try list(value, at: "order_by", count: 0...terms.count)
    var order: [AnalyticsQuery.Order] = []
    for (index, item) in items.enumerated() {
      let path = "order_by[\(index)]"
      guard case .array(let pair) = item, pair.count == 2 else {
        throw QueryProblem("wrong_type", path, "\(path) must be a pair such as [\"time:day\", \"asc\"].")
      }
      let name = try text(pair[0], at: "\(path)[0]")
      guard let term = terms.first(where: { $0.name == name }) else {
        throw .unknown("unknown_order_term", "\(path)[0]", name, allowed: terms.map(\.name))
      }
      let direction = try text(pair[1], at: "\(path)[1]")
      guard direction == "asc" || direction == "desc" else {
        throw .unknown("unknown_direction", "\(path)[1]", direction, allowed: ["asc", "desc"])
      }
      guard !order.contains(where: { $0.term == term }) else { throw .badValue(path, "\(name) is listed twice.") }
      order.append(.init(term, descending: direction == "desc"))
    }
    return order
  }

  private static func read(include: JSONValue, into query: inout AnalyticsQuery) throws(QueryProblem) {
    try checkNames(include, ["totals", "compare", "fill"], at: "include")
    if let totals = include.given("totals") { query.includeTotals = try flag(totals, at: "include.totals") }
    if let fill = include.given("fill") { query.fill = try flag(fill, at: "include.fill") }
    if let compare = include.given("compare") {
      let name = try text(compare, at: "include.compare")
      guard let comparison = Comparison(rawValue: name) else {
        throw .unknown("unknown_comparison", "include.compare", name, allowed: Comparison.allCases.map(\.rawValue))
      }
      query.comparison = comparison
    }
  }

  static func text(_ value: JSONValue, at path: String) throws(QueryProblem) -> String {
    guard case .string(let text) = value else { throw .wrongType(path, "a string", value) }
    guard text.utf8.count <= QueryLimits.textBytes else {
      throw .badValue(path, "\(path) is longer than \(QueryLimits.textBytes) bytes.")
    }
    return text
  }

  static func flag(_ value: JSONValue, at path: String) throws(QueryProblem) -> Bool {
    guard case .bool(let flag) = value else { throw .wrongType(path, "true or false", value) }
    return flag
  }

  static func whole(_ value: JSONValue, at path: String, in range: ClosedRange<Int>) throws(QueryProblem) -> Int {
    guard case .number(let digits) = value else { throw .wrongType(path, "a whole number", value) }
    guard let number = Int(digits), range.contains(number) else {
      throw .badValue(path, "\(path) must be a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  static func list(_ value: JSONValue, at path: String, count: ClosedRange<Int>) throws(QueryProblem) -> [JSONValue] {
    guard case .array(let items) = value else { throw .wrongType(path, "an array", value) }
    guard count.contains(items.count) else {
      let bounds = count.lowerBound > 0 ? "\(count.lowerBound) to \(count.upperBound)" : "at most \(count.upperBound)"
      throw .badValue(path, "\(path) must have \(bounds) items, not \(items.count).")
    }
    return items
  }
}

extension JSONValue {
  /// The member's value; a null counts as absent.
  func given(_ name: String) -> JSONValue? {
    guard let value = self[name], value != .null else { return nil }
    return value
  }
}
