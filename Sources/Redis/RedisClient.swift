import Blocking

/// Redis for async code: a bounded number of connections, each on a thread of its own, behind a queue that obeys deadlines.
/// Cancelling a task ends its command within 50 ms. Away, Redis is an error at once or by the deadline; back, it is used again
/// with the next command.
package final class RedisClient: Sendable {
  package let configuration: RedisConfiguration
  private let pool: BlockingPool<RedisConnection>

  /// - Parameters:
  ///   - connections: the most commands under way at once.
  ///   - queue: the most commands waiting for their turn; further ones are refused with `.overloaded`, as is one that would
  ///     not be answered by its deadline.
  package init(_ configuration: RedisConfiguration, connections: Int = 4, queue: Int = 1024) {
    self.configuration = configuration
    pool = BlockingPool("redis", threads: connections, queue: queue) { RedisConnection(configuration) }
  }

  deinit { pool.close() }

  /// Ends the connections as they become free. Waiting commands, and all later ones, fail with `.cancelled`.
  package func close() { pool.close() }

  /// How many commands run and wait, and how many were refused.
  package var load: PoolLoad { pool.load }

  /// Sends a command; see ``RedisConnection/send(_:deadline:cancellation:)``. The deadline counts the wait for a connection.
  @discardableResult
  package func send(
    _ command: RedisCommand, deadline: ContinuousClock.Instant? = nil
  ) async throws(RedisError) -> RedisValue {
    try await run(deadline) { connection, deadline, cancellation throws(RedisError) in
      try connection.send(command, deadline: deadline, cancellation: cancellation)
    }
  }

  /// Sends commands at once; see ``RedisConnection/send(pipeline:deadline:cancellation:)``.
  package func send(
    pipeline commands: [RedisCommand], deadline: ContinuousClock.Instant? = nil
  ) async throws(RedisError) -> [RedisValue] {
    try await run(deadline) { connection, deadline, cancellation throws(RedisError) in
      try connection.send(pipeline: commands, deadline: deadline, cancellation: cancellation)
    }
  }

  /// Runs a script; see ``RedisConnection/run(_:keys:arguments:deadline:cancellation:)``.
  @discardableResult
  package func run(
    _ script: RedisScript, keys: [any RedisArgument] = [], arguments: [any RedisArgument] = [],
    deadline: ContinuousClock.Instant? = nil
  ) async throws(RedisError) -> RedisValue {
    try await run(deadline) { connection, deadline, cancellation throws(RedisError) in
      try connection.run(script, keys: keys, arguments: arguments, deadline: deadline, cancellation: cancellation)
    }
  }

  private func run<Value: Sendable>(
    _ deadline: ContinuousClock.Instant?,
    _ work:
      @escaping @Sendable (RedisConnection, ContinuousClock.Instant, CancellationFlag) throws(RedisError) -> Value
  ) async throws(RedisError) -> Value {
    let end = deadline ?? .now + configuration.commandTimeout
    let result: Result<Value, RedisError>
    do throws(PoolRefusal) {
      result = try await pool.run(until: end) { connection, cancellation in
        Result { () throws(RedisError) in try work(connection, end, cancellation) }
      }
    } catch {
      switch error {
      case .overloaded(let retryAfter): throw .overloaded(retryAfter: retryAfter)
      case .deadlineExceeded: throw .deadlineExceeded
      case .cancelled, .closed: throw .cancelled
      }
    }
    return try result.get()
  }
}
