import CivilTime
import Foundation

/// Answers queries: plans them, has ClickHouse run the statements side by side, and shapes what comes back.
package struct Answering: Sendable {
  private let planner: Planner
  private let warehouse: any Warehouse
  private let coverage: Coverage
  private let clock: @Sendable () -> Instant

  package init(
    planner: Planner = Planner(), warehouse: any Warehouse,
    clock: @escaping @Sendable () -> Instant = {
      Instant(milliseconds: Int((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
  ) {
    self.planner = planner
    self.warehouse = warehouse
    self.clock = clock
    coverage = Coverage(warehouse: warehouse)
  }

  /// - Throws: `QueryProblem` when the query cannot be asked, `WarehouseFailure` when it cannot be answered.
  package func answer(_ query: AnalyticsQuery, for scope: RequestScope) async throws -> Answer {
    let start = ContinuousClock.now
    let now = clock()
    // Asked before the rows, so that the answer holds at least what it says it does.
    let extent = try await coverage.extent(for: scope, now: now)
    let known = RequestScope(requestID: scope.requestID, deadline: scope.deadline, freshTo: extent?.last)
    let plan = try planner.plan(query, now: now, firstEvent: extent?.first)
    async let page = table(plan.page, known)
    async let totals = plan.totals == nil ? nil : table(plan.totals ?? plan.page, known)
    let (pageRead, totalsRead) = try await (page, totals)
    let (pageTable, totalsTable) = (pageRead.table, totalsRead?.table)
    // Of a statement sent for somebody else it is what was known then.
    let fresh = [extent?.last, pageRead.freshTo] + (totalsRead.map { [$0.freshTo] } ?? [])
    let shape = RowShape(query: query, isCompared: plan.comparisonSpan != nil)
    let shown = pageTable.rows.prefix(query.limit)
    var cursor: String?
    if pageTable.rows.count > query.limit, let last = shown.last {
      cursor = Cursor.write(values: shape.orderValues(last), query: query, span: plan.span)
    }
    return Answer(
      query: query, plan: plan, rows: shown.map(shape.row), totals: totalsTable?.rows.first.map(shape.totals),
      nextCursor: cursor, freshTo: fresh.contains(nil) ? nil : fresh.compactMap(\.self).min(),
      rowsRead: pageTable.rowsRead + (totalsTable?.rowsRead ?? 0), elapsed: .now - start)
  }

  /// What the query's dates mean now.
  package func span(of query: AnalyticsQuery, for scope: RequestScope) async throws -> Span {
    let now = clock()
    let extent = try await coverage.extent(for: scope, now: now)
    return try query.dateRange.span(in: query.zone, now: now, firstEvent: extent?.first)
  }

  private func table(
    _ statement: Statement, _ scope: RequestScope
  ) async throws -> (table: ResultTable, freshTo: Instant?) {
    var statement = statement
    statement.sql += " FORMAT JSONCompact"
    let reading = try await warehouse.read(statement, for: scope)
    return (try ResultTable(reading.bytes), reading.freshTo)
  }
}
