import NIOCore

/// How long the gateway waits for what.
package struct GatewayTimes: Sendable {
  /// For a connection to an upstream.
  package var connect = TimeAmount.seconds(2)
  /// From a request's arrival to the head of its answer, all tries together.
  package var total = TimeAmount.seconds(30)
  /// For one try's head, once the request has been sent.
  package var perTry = TimeAmount.seconds(25)
  /// Between two pieces of an answer.
  package var bodyIdle = TimeAmount.seconds(60)
  /// Between two events of a stream; those that have nothing to say send a comment.
  package var streamIdle = TimeAmount.minutes(5)
  /// How long a connection without a request is kept. Less than the services keep theirs (75 s), so that none is used that
  /// they are about to close.
  package var poolIdle = TimeAmount.seconds(60)
  /// For a free connection, when all are in use.
  package var pending = TimeAmount.seconds(5)
  /// Before the rate of a request's body is looked at.
  package var bodyGrace = TimeAmount.seconds(5)
  /// The least rate at which a request's body must come, averaged from its head on.
  package var bodyBytesPerSecond = 1024
  /// How long a connection that is being closed may still be read, so that its client gets to see the answer.
  package var linger = TimeAmount.seconds(1)

  package init() {}
}
