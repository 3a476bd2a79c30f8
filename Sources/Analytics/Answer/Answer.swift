import CivilTime
import JSON

/// A query's answer, whatever format it leaves in.
package struct Answer: Sendable {
  package struct Row: Sendable, Equatable {
    package let dimensions: [JSONValue]
    package let metrics: [JSONValue]
    /// The same metrics in the span compared with.
    package let past: [JSONValue]?
  }

  package let query: AnalyticsQuery
  package let plan: Plan
  package let rows: [Row]
  package let totals: Row?
  package let nextCursor: String?
  /// The newest event the answer could include; nil without any.
  package let freshTo: Instant?
  package let rowsRead: Int
  package let elapsed: Duration
}

extension Answer.Row {
  /// For each metric by what share it grew since, as 0.25 for a quarter more; null where that cannot be said.
  package var change: [JSONValue]? {
    past.map { past in
      zip(metrics, past).map { now, then in
        guard let now = now.asDouble, let then = then.asDouble, then != 0 else { return .null }
        return .double(((now - then) / then * 1e6).rounded() / 1e6)
      }
    }
  }
}
