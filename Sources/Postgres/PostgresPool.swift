import Blocking

/// Asks Postgres from async code: a bounded number of connections, each on a thread of its own, behind a queue that obeys
/// deadlines. Cancelling a task ends its request within 50 ms, and tells the server to stop it.
package final class PostgresPool: Sendable {
  package let configuration: PostgresConfiguration
  private let pool: BlockingPool<PostgresConnection>

  /// - Parameters:
  ///   - connections: the most sessions with the server, and requests under way, at once.
  ///   - queue: the most requests waiting for their turn; further ones are refused with `.overloaded`, as is one that
  ///     would not end by its deadline.
  package init(_ configuration: PostgresConfiguration, connections: Int = 4, queue: Int = 256) {
    self.configuration = configuration
    let canceller = Canceller()
    pool = BlockingPool("postgres", threads: connections, queue: queue) {
      PostgresConnection(configuration, canceller: canceller)
    }
  }

  deinit { pool.close() }

  /// How many requests run and wait, and how many were refused.
  package var load: PoolLoad { pool.load }

  /// Runs a batch in one round trip, as one transaction; see ``PostgresConnection/run(_:until:cancellation:)``.
  /// - Parameter deadline: when the answers must be here, the wait for a connection included.
  package func run(
    _ calls: [PostgresCall], until deadline: ContinuousClock.Instant
  ) async throws(PostgresError) -> [PostgresRows] {
    try await perform(until: deadline) { connection, cancellation in
      Result { () throws(PostgresError) in
        try connection.run(calls, until: deadline, cancellation: cancellation)
      }
    }.get()
  }

  /// Runs one statement.
  @discardableResult
  package func run(
    _ call: PostgresCall, until deadline: ContinuousClock.Instant
  ) async throws(PostgresError) -> PostgresRows {
    guard let rows = try await run([call], until: deadline).first else {
      throw .protocolViolation("no answer came to a statement")
    }
    return rows
  }

  /// Runs `body` within a transaction, on the connection's thread, where it may block; see
  /// ``PostgresConnection/transaction(_:until:cancellation:_:)``.
  package func transaction<Value: Sendable>(
    _ isolation: PostgresIsolation = .readCommitted, until deadline: ContinuousClock.Instant,
    _ body: @escaping @Sendable (PostgresTransaction) throws -> Value
  ) async throws -> Value {
    try await perform(until: deadline) { connection, cancellation in
      Result { try connection.transaction(isolation, until: deadline, cancellation: cancellation, body) }
    }.get()
  }

  /// Refuses what waits and all that comes, and waits for what is under way, but not beyond `limit`. The sessions end as
  /// their threads do.
  /// - Returns: whether all has ended.
  @discardableResult
  package func close(within limit: Duration = .seconds(25)) async -> Bool {
    pool.close()
    let end = ContinuousClock.now + limit
    while pool.load.running > 0 {
      guard ContinuousClock.now < end else { return false }
      do { try await Task.sleep(for: .milliseconds(10)) } catch { return false }
    }
    return true
  }

  private func perform<Value: Sendable>(
    until deadline: ContinuousClock.Instant,
    _ work: @escaping @Sendable (PostgresConnection, CancellationFlag) -> Value
  ) async throws(PostgresError) -> Value {
    do throws(PoolRefusal) {
      return try await pool.run(until: deadline, work, afterwards: { connection, _ in connection.settle() })
    } catch {
      switch error {
      case .overloaded(let retryAfter): throw .overloaded(retryAfter: retryAfter)
      case .deadlineExceeded: throw .deadlineExceeded
      case .cancelled, .closed: throw .cancelled
      }
    }
  }
}
