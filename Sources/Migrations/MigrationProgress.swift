/// What a runner does, for whoever watches.
package enum MigrationProgress: Sendable {
  case waiting(runner: String)
  /// A file begins; `from` is its first statement to run, greater than 1 if it was applied in part.
  case file(Migration, from: Int)
  case statement(Migration, Statement, seconds: Double)
  case applied(Migration)
}
