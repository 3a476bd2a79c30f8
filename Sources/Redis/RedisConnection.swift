import Blocking

/// A blocking connection to Redis that comes back by itself. Not Sendable: it belongs to one thread at a time.
///
/// A connection on which anything went wrong is dropped, never read on: a late reply cannot be taken for another command's.
/// Before it is used again it is looked at, so that one the server closed meanwhile (a restart, an idle limit) costs
/// nothing but a new one. A command is never sent twice.
package final class RedisConnection {
  package let configuration: RedisConfiguration
  private let connector: RedisConnector
  private var stream: RedisStream?

  /// Connects with the first command.
  package init(_ configuration: RedisConfiguration) {
    self.configuration = configuration
    connector = RedisConnector(configuration)
  }

  /// Sends a command and waits for its reply.
  /// - Parameters:
  ///   - deadline: ends the wait, that for a connection included; `commandTimeout` of the configuration from now if nil.
  ///   - cancellation: raised, ends it within 50 ms.
  @discardableResult
  package func send(
    _ command: RedisCommand, deadline: ContinuousClock.Instant? = nil, cancellation: CancellationFlag? = nil
  ) throws(RedisError) -> RedisValue {
    let reply = try exchange([command], deadline, cancellation)[0]
    if case .error(let refusal) = reply { throw .server(refusal) }
    return reply
  }

  /// Sends commands at once and waits for all replies, in order. One that is refused has an error as its reply, and the others
  /// are done all the same; commands of other clients may come between.
  package func send(
    pipeline commands: [RedisCommand], deadline: ContinuousClock.Instant? = nil, cancellation: CancellationFlag? = nil
  ) throws(RedisError) -> [RedisValue] {
    commands.isEmpty ? [] : try exchange(commands, deadline, cancellation)
  }

  /// Runs a script; its text is sent only if the server does not have it.
  @discardableResult
  package func run(
    _ script: RedisScript, keys: [any RedisArgument] = [], arguments: [any RedisArgument] = [],
    deadline: ContinuousClock.Instant? = nil, cancellation: CancellationFlag? = nil
  ) throws(RedisError) -> RedisValue {
    let deadline = deadline ?? .now + configuration.commandTimeout
    do throws(RedisError) {
      return try send(
        script.command(keys: keys, arguments: arguments), deadline: deadline, cancellation: cancellation)
    } catch {
      // Nothing has been done then.
      guard case .server(let refusal) = error, refusal.code == "NOSCRIPT" else { throw error }
    }
    return try send(
      script.commandWithSource(keys: keys, arguments: arguments), deadline: deadline, cancellation: cancellation)
  }

  private func exchange(
    _ commands: [RedisCommand], _ deadline: ContinuousClock.Instant?, _ cancellation: CancellationFlag?
  ) throws(RedisError) -> [RedisValue] {
    let limit = WaitLimit(deadline: deadline ?? .now + configuration.commandTimeout, cancellation: cancellation)
    let stream = try usableStream(limit)
    do throws(StreamFailure) {
      stream.beginExchange()
      try stream.send(commands, limit)
      var replies: [RedisValue] = []
      replies.reserveCapacity(commands.count)
      for _ in commands { replies.append(try stream.nextReply(limit)) }
      return replies
    } catch {
      self.stream = nil
      throw RedisError(error, sent: true)
    }
  }

  private func usableStream(_ limit: WaitLimit) throws(RedisError) -> RedisStream {
    if limit.cancellation?.isRaised == true { throw .cancelled }
    if let stream, stream.isUsable { return stream }
    stream = nil
    let fresh = try connector.connect(limit)
    stream = fresh
    return fresh
  }
}
