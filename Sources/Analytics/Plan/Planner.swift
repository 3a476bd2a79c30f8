import CivilTime
import EventSchema

/// Turns a query into SQL: pure, and the same answer whichever table it takes.
package struct Planner: Sendable {
  /// Candidates, cheapest first; the last answers everything.
  private let tables: [FactTable]

  package init(tables: [FactTable] = FactTable.all) {
    self.tables = tables
  }

  /// - Parameters:
  ///   - now: what `today` and the like are counted from.
  ///   - firstEvent: where `all` starts.
  package func plan(_ query: AnalyticsQuery, now: Instant, firstEvent: Instant?) throws(QueryProblem) -> Plan {
    let span = try query.dateRange.span(in: query.zone, now: now, firstEvent: firstEvent)
    let past = query.comparison.map(span.comparison)
    // Before all that there is, there is nothing: that comparison is true, and says so.
    if let past, !past.isWithinLimits, query.dateRange != .period(.all) {
      throw .badValue(
        "include.compare",
        "The time to compare with (\(past.firstDate) to \(past.lastDate)) is before \(QueryLimits.dates.lowerBound).")
    }
    if query.fill, let grain = query.grain {
      let count = TimeBuckets(grain: grain, span: span).count
      guard count <= QueryLimits.filledPeriods else {
        throw .badValue(
          "include.fill",
          "\(count) periods are more than \(QueryLimits.filledPeriods): take a shorter range or a longer period.")
      }
    }
    let table = table(for: query, spans: [span] + (past.map { [$0] } ?? []))
    let writer = PageWriter(query: query, table: table, span: span, past: past)
    return Plan(
      page: try writer.page(), totals: query.includeTotals ? writer.totals() : nil, table: table.name, span: span,
      comparisonSpan: past, warnings: warnings(query))
  }

  private func table(for query: AnalyticsQuery, spans: [Span]) -> FactTable {
    tables.first { canAnswer($0, query, spans) } ?? .events
  }

  private func canAnswer(_ table: FactTable, _ query: AnalyticsQuery, _ spans: [Span]) -> Bool {
    let types = Set(Grouping.types(of: query, dimensions: query.dimensions))
    let totalTypes = query.includeTotals ? Set(Grouping.types(of: query, dimensions: [])) : []
    guard types.union(totalTypes).isSubset(of: table.types) else { return false }
    let split = query.dimensions.compactMap { dimension -> QueryField? in
      guard case .field(let field) = dimension else { return nil }
      return field
    }
    let filtered = query.filters.reduce(into: Set<QueryField>()) { $0.formUnion($1.fields) }
    guard filtered.union(split).allSatisfy(table.keeps) else { return false }
    guard query.metrics.allSatisfy({ table.expression($0.measure, $0.types) != nil }) else { return false }
    switch table.grain {
    case .event: return true
    case .hour:
      return spans.allSatisfy {
        $0.from.isMultiple(ofSeconds: 3600) && $0.to.isMultiple(ofSeconds: 3600)
          && query.zone.hasWholeHours(from: $0.from, to: $0.to)
      }
    case .day:
      return query.zone.isUTC && query.grain != .hour
        && spans.allSatisfy { $0.from.isMultiple(ofSeconds: 86400) && $0.to.isMultiple(ofSeconds: 86400) }
    }
  }

  private func warnings(_ query: AnalyticsQuery) -> [String] {
    let split = query.dimensions.compactMap { dimension -> QueryField? in
      guard case .field(let field) = dimension, !field.isOnEveryEvent else { return nil }
      return field
    }
    return split.flatMap { field in
      let carriers = Set(field.carriers)
      return query.metrics.filter { carriers.isDisjoint(with: $0.types) }.map {
        "\($0.rawValue) counts events that have no \(field.name), so it is \($0.isNullWhenEmpty ? "null" : "0") in every row."
      }
    }
  }
}
