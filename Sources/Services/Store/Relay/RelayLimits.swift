import Blocking

/// Every bound of a relay.
package struct RelayLimits: Sendable {
  /// Rows of one SELECT.
  package var readRows = 500
  /// A SELECT ends behind the row with which its values are longer than this.
  package var readBytes = 4 << 20
  /// Rows that are sent and not yet deleted; they are what a kill may send twice.
  package var windowRows = 4000
  /// Nothing more is read while so much is on its way to Kafka.
  package var windowBytes = 16 << 20
  /// A DELETE is due with so many acknowledged rows …
  package var deleteRows = 500
  /// … or this long after the first of them.
  package var deleteAfter = Duration.milliseconds(50)
  /// How often the table is looked at though nobody raised the signal …
  package var poll = Duration.milliseconds(200)
  /// … and at first, doubling, while rows wait for a transaction that is not over.
  package var blockedPoll = Duration.milliseconds(2)
  /// A signal has it looked at no sooner than this after the last look: where commits are many, one look sees several. Where the
  /// last look found something the next one is as soon without a signal, and then after four times as long, until it is `poll`.
  package var gather = Duration.milliseconds(4)
  /// How often the lock that another relay has is asked for.
  package var follow = Duration.milliseconds(500)
  /// How long what was sent is remembered after the session was lost, for the server may not have noticed yet, and the
  /// lock may still be that session's.
  package var remember = Duration.seconds(2)
  package var rememberPoll = Duration.milliseconds(50)
  package var measure = Duration.seconds(1)
  package var sweep = Duration.seconds(600)
  /// Without an acknowledgement for so long Kafka counts as silent.
  package var silence = Duration.seconds(5)
  /// … and after so long its client is given up for a new one: a broker that was killed may have forgotten who the client
  /// is (Tansu 0.6), which librdkafka then asks again for ever.
  package var giveUp = Duration.seconds(10)
  package var databaseRetry = RetryPolicy(first: .milliseconds(100), longest: .seconds(5))
  package var kafkaRetry = RetryPolicy(first: .milliseconds(200), longest: .seconds(10))
  /// How long a stop may take to send what is committed.
  package var flush = Duration.seconds(10)

  package init() {}
}
