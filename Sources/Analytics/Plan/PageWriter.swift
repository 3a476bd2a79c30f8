import CivilTime

/// Writes the statements of one query over one table.
struct PageWriter {
  let query: AnalyticsQuery
  let table: FactTable
  let span: Span
  let past: Span?

  private var metricNames: [String] { query.metrics.indices.map { "m\($0)" } }
  private var dimensionNames: [String] { query.dimensions.indices.map { "d\($0)" } }
  private var offsetNames: [String] { query.grain == .hour ? ["o"] : [] }

  func totals() -> Statement {
    var parameters = Parameters()
    let sql = whole(&parameters)
    return Statement(sql: sql, parameters: parameters.values)
  }

  func page() throws(QueryProblem) -> Statement {
    var parameters = Parameters()
    if query.dimensions.isEmpty {
      if query.cursor != nil {
        throw .badValue("cursor", "A query without dimensions has one row and no further page.")
      }
      let sql = whole(&parameters)
      return Statement(sql: sql, parameters: parameters.values)
    }
    let grouping = Grouping(query: query, table: table, dimensions: query.dimensions)
    var rows = grouping.sql(span, key: .shown, &parameters)
    if query.fill { rows = filled(rows, &parameters) }
    let order = query.effectiveOrder.map { "\(column(of: $0.term)) \($0.descending ? "DESC" : "ASC") NULLS LAST" }
      .joined(separator: ", ")
    var after = ""
    if let cursor = query.cursor {
      let place = try Cursor.read(cursor, query: query, span: span)
      after = " WHERE \(Cursor.condition(after: place, query: query, column: column(of:), &parameters))"
    }
    let names = dimensionNames + offsetNames + metricNames
    // Order and limit are numbers of ours, checked when the query was read.
    var sql =
      "SELECT \(names.joined(separator: ", ")) FROM (\(rows))\(after) ORDER BY \(order) LIMIT \(query.limit + 1)"
    if let past, let kind = query.comparison {
      sql = compared(sql, with: past, kind, order: order, &parameters)
    }
    return Statement(sql: sql, parameters: parameters.values)
  }

  func column(of term: AnalyticsQuery.Term) -> String {
    switch term {
    case .metric(let metric): "m\(query.metrics.firstIndex(of: metric) ?? 0)"
    case .dimension(let dimension): "d\(query.dimensions.firstIndex(of: dimension) ?? 0)"
    }
  }

  /// One row over everything.
  private func whole(_ parameters: inout Parameters) -> String {
    let grouping = Grouping(query: query, table: table, dimensions: [])
    let now = grouping.sql(span, key: .shown, &parameters)
    guard let past else { return now }
    let then = grouping.sql(past, key: .lookedUp, &parameters)
    let columns = metricNames.map { "page.\($0) AS \($0)" } + metricNames.map { "past.\($0) AS past_\($0)" }
    return "SELECT \(columns.joined(separator: ", ")) FROM (\(now)) AS page CROSS JOIN (\(then)) AS past"
  }

  /// The rows, and one for every bucket of time that has none: counts 0, means null.
  ///
  /// A made-up row and the real one of a bucket meet in the outer GROUP BY, where the real one wins: no number is below 0.
  private func filled(_ rows: String, _ parameters: inout Parameters) -> String {
    guard let index = query.dimensions.firstIndex(where: { $0.grain != nil }), let grain = query.grain else {
      return rows
    }
    let buckets = TimeBuckets(grain: grain, span: span)
    let grid = buckets.all(&parameters, column: "d\(index)")
    let others = dimensionNames.filter { $0 != "d\(index)" }
    let empty = query.metrics.enumerated().map { "\($1.isNullWhenEmpty ? "NULL" : "0") AS m\($0)" }
    let names = dimensionNames + offsetNames
    var made = "SELECT \((names + empty).joined(separator: ", ")) FROM (\(grid)) AS grid"
    if !others.isEmpty {
      made += " CROSS JOIN (SELECT DISTINCT \(others.joined(separator: ", ")) FROM (\(rows))) AS others"
    }
    let real = "SELECT \((names + metricNames).joined(separator: ", ")) FROM (\(rows))"
    let columns =
      dimensionNames + offsetNames.map { "any(filled.\($0)) AS \($0)" }
      + metricNames.map { "max(filled.\($0)) AS \($0)" }
    return """
      SELECT \(columns.joined(separator: ", ")) FROM (\(real) UNION ALL \(made)) AS filled \
      GROUP BY \(dimensionNames.joined(separator: ", "))
      """
  }

  private func compared(
    _ page: String, with past: Span, _ kind: Comparison, order: String, _ parameters: inout Parameters
  ) -> String {
    let then = Grouping(query: query, table: table, dimensions: query.dimensions)
      .sql(past, key: .lookedUp, &parameters)
    var conditions: [String] = []
    for (index, dimension) in query.dimensions.enumerated() {
      guard let grain = dimension.grain else {
        conditions.append("page.d\(index) = past.d\(index)")
        continue
      }
      let buckets = TimeBuckets(grain: grain, span: span)
      let counterpart = buckets.counterpart(of: "page.d\(index)", offset: "page.o", in: past, kind, &parameters)
      conditions.append("\(counterpart) = past.d\(index)")
    }
    let columns =
      (dimensionNames + offsetNames + metricNames).map { "page.\($0) AS \($0)" }
      + metricNames.map { "past.\($0) AS past_\($0)" }
    return """
      SELECT \(columns.joined(separator: ", ")) FROM (\(page)) AS page LEFT JOIN (\(then)) AS past \
      ON \(conditions.joined(separator: " AND ")) ORDER BY \(order)
      """
  }
}
