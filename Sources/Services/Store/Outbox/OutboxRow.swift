/// One event in the table `outbox`, as it goes to Kafka: nothing of it is decoded.
package struct OutboxRow: Sendable, Equatable {
  package let id: Int64
  package let topic: String
  package let key: String
  package let value: String
  /// When the statement that wrote it began, by this machine's clock.
  package let writtenAt: ContinuousClock.Instant

  package init(id: Int64, topic: String, key: String, value: String, writtenAt: ContinuousClock.Instant) {
    self.id = id
    self.topic = topic
    self.key = key
    self.value = value
    self.writtenAt = writtenAt
  }

  /// What it takes of a window.
  package var bytes: Int { key.utf8.count + value.utf8.count }
}

/// The next rows that may be sent, by id.
package struct OutboxHead: Sendable, Equatable {
  package var rows: [OutboxRow] = []
  /// Rows behind these wait for transactions that are not over.
  package var isBlocked = false
  /// There may be more that could be sent at once.
  package var hasMore = false

  package init() {}
}

/// What lies in the tables.
package struct OutboxBacklog: Sendable, Equatable {
  /// Counted up to 100,000.
  package let pending: Int
  /// Since when the first of them has been there; zero without one.
  package let oldestAge: Duration
  package let parked: Int

  package init(pending: Int, oldestAge: Duration, parked: Int) {
    self.pending = pending
    self.oldestAge = oldestAge
    self.parked = parked
  }
}
