/// What a ``RedisSubscription`` tells its handler.
package enum RedisFeedEvent: Sendable, Equatable {
  /// Messages come from here on. Whatever was published before, since the last `.alive` of an earlier connection, may have
  /// been missed: what is derived from the messages has to be read anew.
  case subscribed
  case message(channel: String, payload: [UInt8])
  /// The server has answered: all that was published before it was asked (at most a heartbeat and the answer's time ago) has
  /// been handed over.
  case alive
  /// The connection is lost, or did not come about. Messages may be missed from now until the next `.subscribed`, which is
  /// tried for without end.
  case lost(RedisError)
}
