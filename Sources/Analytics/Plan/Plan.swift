/// How one query will be answered.
package struct Plan: Sendable {
  /// Rows: a column a dimension, the offset `o` when one is an hour, a column a metric, and, when comparing, a column a
  /// metric of the other span. One row more than the limit, if there are more.
  package let page: Statement
  /// One row of metrics over the whole span, and of the other span when comparing; nil unless asked for.
  package let totals: Statement?
  /// The table that answers.
  package let table: String
  package let span: Span
  package let comparisonSpan: Span?
  /// What the asker might not expect of the answer.
  package let warnings: [String]
}
