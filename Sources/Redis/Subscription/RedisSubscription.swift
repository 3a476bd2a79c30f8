import Blocking

/// Messages published on channels, as they come, on a connection and a thread of their own; it reconnects by itself and says
/// when messages may have been missed.
///
/// The handler is called on that thread, one event at a time, and nothing is read meanwhile: what comes in between waits in
/// the socket, then in Redis, which closes a connection that is too far behind (`client-output-buffer-limit pubsub`). That is
/// a gap like any other. So nothing piles up here, and nothing is dropped in silence.
package final class RedisSubscription: Sendable {
  private let cancellation = CancellationFlag()

  /// Begins at once.
  /// - Parameters:
  ///   - channels: their names, at least one.
  ///   - heartbeat: how often the server is asked whether it is there; each answer is an `.alive`. One that does not come within
  ///     the configuration's `commandTimeout` is a `.lost`.
  ///   - retry: the waits between tries to connect.
  ///   - handler: must not keep the thread for long: a late `.alive` looks like a silent server to whoever waits for it.
  package init(
    _ configuration: RedisConfiguration, channels: [String], heartbeat: Duration = .milliseconds(500),
    retry: RetryPolicy = RetryPolicy(first: .milliseconds(50), longest: .seconds(1)),
    handler: @escaping @Sendable (RedisFeedEvent) -> Void
  ) {
    precondition(!channels.isEmpty && heartbeat > .zero, "a subscription to something that is looked after")
    let cancellation = cancellation
    _ = BlockingThread("redis-feed") {
      RedisFeed(configuration, channels, heartbeat, cancellation, handler).run(retry)
    }
  }

  deinit { cancellation.raise() }

  /// Ends the subscription within 50 ms; an event under way may still reach the handler, and no `.lost` does.
  package func close() { cancellation.raise() }
}
