import CivilTime
import JSON

/// Where in a statement's row what stands.
struct RowShape {
  let query: AnalyticsQuery
  let isCompared: Bool

  private var offsetColumn: Int? { query.grain == .hour ? query.dimensions.count : nil }
  private var firstMetric: Int { query.dimensions.count + (offsetColumn == nil ? 0 : 1) }

  func row(_ values: [JSONValue]) -> Answer.Row {
    let dimensions = query.dimensions.enumerated().map { index, dimension in
      shown(values[index], dimension, offset: offsetColumn.map { values[$0] })
    }
    return numbers(values[firstMetric...], dimensions: dimensions)
  }

  func totals(_ values: [JSONValue]) -> Answer.Row { numbers(values[...], dimensions: []) }

  /// The row's value for each term of the query's order, in the form a cursor keeps.
  func orderValues(_ values: [JSONValue]) -> [JSONValue] {
    query.effectiveOrder.map { order in
      switch order.term {
      case .dimension(let dimension): values[query.dimensions.firstIndex(of: dimension) ?? 0]
      case .metric(let metric): values[firstMetric + (query.metrics.firstIndex(of: metric) ?? 0)]
      }
    }
  }

  private func numbers(_ values: ArraySlice<JSONValue>, dimensions: [JSONValue]) -> Answer.Row {
    let count = query.metrics.count
    let all = values.map(\.unquotedNumber)
    return Answer.Row(
      dimensions: dimensions, metrics: Array(all.prefix(count)),
      past: isCompared ? Array(all.dropFirst(count).prefix(count)) : nil)
  }

  private func shown(_ value: JSONValue, _ dimension: Dimension, offset: JSONValue?) -> JSONValue {
    switch dimension {
    case .time(.hour):
      guard let seconds = Int(value.unquotedNumber.text), let offset = offset.flatMap({ Int($0.unquotedNumber.text) })
      else { return value }
      return .string(Instant(seconds: seconds).isoText(offset: offset))
    case .time: return value
    case .field(let field): return field.kind == .text ? value : value.unquotedNumber
    }
  }
}
