import Blocking

/// A blocking connection to Postgres. Not Sendable: it belongs to one thread at a time.
///
/// It connects when it is first used, and a session that broke is replaced at the next use. No call outlasts its deadline:
/// the server is told it as `statement_timeout`, and is asked to stop what runs beyond it.
package final class PostgresConnection {
  package let configuration: PostgresConfiguration
  private let canceller: Canceller
  private let reconnects: Bool
  private var session: Session?
  private var wasConnected = false

  /// How long the server may take to stop what was cancelled, before its session is given up.
  private static let settleLimit = Duration.seconds(1)

  /// - Parameter reconnects: false where something rests on the session being the same (an advisory lock): once it broke,
  ///   every call fails with `.interrupted`.
  package convenience init(_ configuration: PostgresConfiguration, reconnects: Bool = true) {
    self.init(configuration, canceller: Canceller(), reconnects: reconnects)
  }

  init(_ configuration: PostgresConfiguration, canceller: Canceller, reconnects: Bool = true) {
    self.configuration = configuration
    self.canceller = canceller
    self.reconnects = reconnects
  }

  /// Runs a batch in one round trip. It is one transaction: an error in one statement undoes those before it, and those
  /// behind it do not run. Repeated up to three times where it met another transaction (40001, 40P01).
  /// - Parameter cancellation: ends the call with `.cancelled` when raised, within 50 ms.
  /// - Returns: the rows of each call, in order.
  package func run(
    _ calls: [PostgresCall], until deadline: ContinuousClock.Instant, cancellation: CancellationFlag? = nil
  ) throws(PostgresError) -> [PostgresRows] {
    var retries = Retries()
    while true {
      let session = try ready(until: deadline, cancellation)
      do throws(PostgresError) {
        try session.send(calls, timeLimit: deadline - .now)
        return try session.answers(until: deadline, cancellation: cancellation)
      } catch {
        guard retries.again(after: error, isStale: session.isStale, until: deadline, cancellation) else { throw error }
      }
    }
  }

  /// Runs one statement.
  @discardableResult
  package func run(
    _ call: PostgresCall, until deadline: ContinuousClock.Instant, cancellation: CancellationFlag? = nil
  ) throws(PostgresError) -> PostgresRows {
    guard let rows = try run([call], until: deadline, cancellation: cancellation).first else {
      throw .protocolViolation("no answer came to a statement")
    }
    return rows
  }

  /// Runs `body` within a transaction and commits it; an error that leaves `body` undoes it. Where it met another
  /// transaction (40001, 40P01), all of it is run again, up to three times and by the deadline: `body` must bear that.
  /// - Throws: what `body` throws; else ``PostgresError``.
  package func transaction<Value>(
    _ isolation: PostgresIsolation = .readCommitted, until deadline: ContinuousClock.Instant,
    cancellation: CancellationFlag? = nil, _ body: (PostgresTransaction) throws -> Value
  ) throws -> Value {
    var retries = Retries()
    while true {
      let session = try ready(until: deadline, cancellation)
      let transaction = PostgresTransaction(session, isolation, until: deadline, cancellation)
      defer { transaction.end() }
      do {
        let value = try body(transaction)
        try transaction.commit()
        return value
      } catch {
        // After a deadline or a cancellation the session is settled once the caller has its error.
        let left = min(Self.settleLimit, deadline - .now)
        if session.exchange == nil, left > .zero, !session.rollBack(within: left) { session.isBroken = true }
        guard let cause = transaction.failure,
          retries.again(after: cause, isStale: session.isStale, until: deadline, cancellation)
        else { throw error }
      }
    }
  }

  /// Ends what a deadline or a cancellation left under way. Otherwise the next call does.
  package func settle() {
    guard let session, !session.isClean else { return }
    if !session.settle(within: Self.settleLimit, using: canceller) || !session.rollBack(within: Self.settleLimit) {
      self.session = nil
    }
  }

  /// Ends the session.
  package func close() { session = nil }

  /// A session for new work: the one there is, or a new one.
  private func ready(
    until deadline: ContinuousClock.Instant, _ cancellation: CancellationFlag?
  ) throws(PostgresError) -> Session {
    guard deadline > .now else { throw .deadlineExceeded }
    settle()
    if let session, session.isUsable() { return session }
    session = nil
    guard reconnects || !wasConnected else { throw .interrupted(sqlState: nil) }
    let fresh = try Session.open(configuration, until: deadline, cancellation: cancellation)
    wasConnected = true
    session = fresh
    return fresh
  }
}
