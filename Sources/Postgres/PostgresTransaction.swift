import Blocking

/// An open transaction, for the body it is given to and no longer. Blocking.
package final class PostgresTransaction {
  private static let commit = PostgresStatement("COMMIT", "COMMIT")

  private let session: Session
  private let isolation: PostgresIsolation
  private let deadline: ContinuousClock.Instant
  private let cancellation: CancellationFlag?
  private var hasBegun = false
  private var isOpen = true
  private var last: [PostgresCall] = []
  /// The first error of a statement; nothing runs after it.
  private(set) var failure: PostgresError?

  init(
    _ session: Session, _ isolation: PostgresIsolation, until deadline: ContinuousClock.Instant,
    _ cancellation: CancellationFlag?
  ) {
    self.session = session
    self.isolation = isolation
    self.deadline = deadline
    self.cancellation = cancellation
  }

  /// Runs statements in one round trip. After an error nothing more can run, and the transaction is undone.
  package func run(_ calls: [PostgresCall]) throws(PostgresError) -> [PostgresRows] {
    precondition(isOpen, "a transaction is used within its body only")
    if let failure { throw failure }
    do throws(PostgresError) {
      // `BEGIN` travels with the first statements.
      let begins = !hasBegun
      hasBegun = true
      try session.send(calls, beginning: begins ? isolation : nil, timeLimit: begins ? deadline - .now : nil)
      return try session.answers(until: deadline, cancellation: cancellation)
    } catch {
      failure = error
      throw error
    }
  }

  /// Runs one statement.
  @discardableResult
  package func run(_ call: PostgresCall) throws(PostgresError) -> PostgresRows {
    guard let rows = try run([call]).first else { throw .protocolViolation("no answer came to a statement") }
    return rows
  }

  /// Adds statements that travel with the COMMIT, in its round trip. Their rows are not read; their errors undo the
  /// transaction.
  package func runWithCommit(_ calls: [PostgresCall]) { last += calls }

  func commit() throws(PostgresError) {
    if let failure { throw failure }
    guard hasBegun || !last.isEmpty else { return }
    let rows = try run(last + [Self.commit()])
    guard rows.last?.tag == "COMMIT" else { throw .protocolViolation("the transaction was not committed") }
  }

  func end() { isOpen = false }
}
