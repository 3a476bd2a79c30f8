import Blocking

/// Queries ClickHouse from async code: a bounded number of connections, each on a thread of its own, behind a queue that
/// obeys deadlines. Cancelling a task ends its request within 50 ms and tells the server to stop the query.
package final class ClickHouseClient: Sendable {
  package let configuration: ClickHouseConfiguration
  private let pool: BlockingPool<ClickHouseConnection>
  /// How far an answer may run ahead of its reader, in bytes.
  private static let readAhead = 1 << 20
  /// How long to wait for the server to take the order to stop a query, in milliseconds.
  private static let killTimeoutMs = 2_000

  /// - Parameters:
  ///   - connections: the most requests under way at once.
  ///   - queue: the most requests waiting for their turn; further ones are refused with `.overloaded`, as is one that
  ///     would not end by its deadline.
  package init(_ configuration: ClickHouseConfiguration, connections: Int = 4, queue: Int = 256) {
    self.configuration = configuration
    pool = BlockingPool("clickhouse", threads: connections, queue: queue) { ClickHouseConnection(configuration) }
  }

  deinit { pool.close() }

  /// Ends the connections as they become free. Waiting requests, and all later ones, fail with `.cancelled`.
  package func close() { pool.close() }

  /// How many requests run and wait, and how many were refused.
  package var load: PoolLoad { pool.load }

  /// Runs one statement and returns the whole answer (at most `maximumAnswerBytes` of the configuration).
  /// - Parameters:
  ///   - parameters: values of the statement's `{name:Type}` placeholders.
  ///   - settings: ClickHouse settings for this request.
  ///   - queryID: the id the server shall know the query by; a random one if nil.
  ///   - deadline: when the answer must be here, the wait for a connection included. The server is told what is left of
  ///     it as `max_execution_time`. Without one: `requestTimeoutMs` of the configuration from now, and the server is
  ///     told nothing.
  @discardableResult
  package func query(
    _ sql: String, parameters: [String: any ClickHouseParameter] = [:], settings: [String: String] = [:],
    queryID: String? = nil, deadline: ContinuousClock.Instant? = nil
  ) async throws(ClickHouseError) -> [UInt8] {
    let queryID = queryID ?? ClickHouseUUID.random().description
    return try await run(queryID, until: deadline) { connection, cancellation, limit throws(ClickHouseError) in
      try connection.execute(
        sql, parameters: parameters, settings: settings.merging(limit) { $1 }, queryID: queryID,
        cancellation: cancellation)
    }
  }

  /// Inserts compressed frames of Native blocks; see
  /// ``ClickHouseConnection/insert(_:frames:settings:queryID:cancellation:)``.
  @discardableResult
  package func insert(
    _ query: String, frames: [UInt8], settings: [String: String] = [:], queryID: String? = nil,
    deadline: ContinuousClock.Instant? = nil
  ) async throws(ClickHouseError) -> InsertSummary {
    let queryID = queryID ?? ClickHouseUUID.random().description
    return try await run(queryID, until: deadline) { connection, cancellation, limit throws(ClickHouseError) in
      try frames.withUnsafeBytes { bytes in
        Result { () throws(ClickHouseError) in
          try connection.insert(
            query, frames: bytes, settings: settings.merging(limit) { $1 }, queryID: queryID,
            cancellation: cancellation)
        }
      }.get()
    }
  }

  /// Runs one statement and returns its answer as it arrives. Errors, also those before the first byte, come from
  /// reading it. The deadline is that of the whole answer, its reading included.
  package func stream(
    _ sql: String, parameters: [String: any ClickHouseParameter] = [:], settings: [String: String] = [:],
    queryID: String? = nil, deadline: ContinuousClock.Instant? = nil
  ) -> ClickHouseAnswer {
    let queryID = queryID ?? ClickHouseUUID.random().description
    let end = deadline ?? defaultDeadline
    let channel = ChunkChannel(limit: Self.readAhead, deadline: end)
    pool.submit(until: end, cancellation: channel.cancellation) { connection in
      guard !channel.cancellation.isRaised else { return channel.finish(.failure(.cancelled)) }
      let result = Self.limited(connection, end, tellsServer: deadline != nil) { limit throws(ClickHouseError) in
        _ = try connection.stream(
          sql, parameters: parameters, settings: settings.merging(limit) { $1 }, queryID: queryID,
          cancellation: channel.cancellation
        ) { channel.send([UInt8]($0)) }
      }
      channel.finish(result)
      if case .failure(.cancelled) = result { Self.stop(queryID, connection) }
    } refuse: { reason in
      channel.finish(.failure(ClickHouseError(reason)))
    }
    return ClickHouseAnswer(channel)
  }

  /// - Parameter work: gets the settings that limit it.
  private func run<Value: Sendable>(
    _ queryID: String, until deadline: ContinuousClock.Instant?,
    _ work:
      @escaping @Sendable (ClickHouseConnection, CancellationFlag, [String: String]) throws(ClickHouseError) -> Value
  ) async throws(ClickHouseError) -> Value {
    let end = deadline ?? defaultDeadline
    let result: Result<Value, ClickHouseError>
    do throws(PoolRefusal) {
      result = try await pool.run(until: end) { connection, cancellation in
        Self.limited(connection, end, tellsServer: deadline != nil) { limit throws(ClickHouseError) in
          try work(connection, cancellation, limit)
        }
      } afterwards: { connection, result in
        if case .failure(.cancelled) = result { Self.stop(queryID, connection) }
      }
    } catch {
      throw ClickHouseError(error)
    }
    return try result.get()
  }

  private var defaultDeadline: ContinuousClock.Instant {
    .now + (configuration.requestTimeoutMs > 0 ? .milliseconds(configuration.requestTimeoutMs) : .seconds(86400))
  }

  /// Sends a request that ends by the deadline: reckoned now, as it begins, for it may have waited.
  private static func limited<Value>(
    _ connection: ClickHouseConnection, _ deadline: ContinuousClock.Instant, tellsServer: Bool,
    _ send: ([String: String]) throws(ClickHouseError) -> Value
  ) -> Result<Value, ClickHouseError> {
    let left = (deadline - .now) / .milliseconds(1)
    guard left >= 1 else { return .failure(.deadlineExceeded) }
    connection.requestTimeoutMs = Int(left)
    // A decimal fraction of seconds, to the millisecond.
    let limit = tellsServer ? ["max_execution_time": String(Double(Int(left)) / 1000)] : [:]
    let result = Result { () throws(ClickHouseError) in try send(limit) }
    if case .failure(.interrupted) = result, deadline <= .now + timerSlack { return .failure(.deadlineExceeded) }
    return result
  }

  /// By how much libcurl's timer may be early: it counts whole milliseconds.
  private static let timerSlack = Duration.milliseconds(5)

  /// Tells the server to stop a query whose connection was closed; a user may always stop its own. Best effort: the
  /// query may have ended, or never begun.
  private static func stop(_ queryID: String, _ connection: ClickHouseConnection) {
    let usual = connection.requestTimeoutMs
    connection.requestTimeoutMs = killTimeoutMs
    defer { connection.requestTimeoutMs = usual }
    _ = try? connection.execute("KILL QUERY WHERE query_id = {id:String} ASYNC", parameters: ["id": queryID])
  }
}

extension ClickHouseError {
  fileprivate init(_ refusal: PoolRefusal) {
    switch refusal {
    case .overloaded(let retryAfter): self = .overloaded(retryAfter: retryAfter)
    case .deadlineExceeded: self = .deadlineExceeded
    case .cancelled, .closed: self = .cancelled
    }
  }
}
