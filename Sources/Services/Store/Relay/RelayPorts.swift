import Postgres

/// The relay's session with the database. Blocking. After an error it is of no use until ``lead()`` opens another.
package protocol RelayTable: AnyObject {
  /// Opens a session if there is none, and tries to take the lock by which one relay at a time sends.
  /// - Returns: whether it is ours.
  func lead() throws(RelayFailure) -> Bool
  /// - Parameter ids: of rows that are passed over; and so are those of `topics`.
  func read(excluding ids: [Int64], topics: [String], limit: Int, bytes: Int) throws(RelayFailure) -> OutboxHead
  func delete(_ ids: [Int64]) throws(RelayFailure)
  func park(_ id: Int64, reason: String) throws(RelayFailure)
  func backlog() throws(RelayFailure) -> OutboxBacklog
  /// Deletes replies that are no longer kept.
  /// - Returns: whether there may be more.
  func sweep() throws(RelayFailure) -> Bool
  /// Ends the session, and with it the lock.
  func close()
}

/// The relay's way into Kafka. In order for each key; reports each message once.
package protocol RelayOutlet: AnyObject {
  /// Queues a row; does not wait.
  /// - Returns: why it was not queued.
  func send(_ row: OutboxRow) -> DeliveryProblem?
  /// What became of rows that were sent; waits at most so long for the first.
  func reports(within limit: Duration) -> [RelayDelivery]
  /// Drops what was not delivered yet, whose outcome nobody learns, and begins anew.
  func replace() throws(RelayFailure)
}

/// Time, and what may wake the relay.
package protocol RelayClock: AnyObject {
  var now: ContinuousClock.Instant { get }
  /// Waits until the signal is raised, but not beyond `moment`.
  func wait(until moment: ContinuousClock.Instant)
  /// Whether the signal was raised since the last call.
  func takeSignal() -> Bool
}

/// What became of one row.
package struct RelayDelivery: Sendable, Equatable {
  package let id: Int64
  /// Nil: Kafka has it.
  package let problem: DeliveryProblem?

  package init(id: Int64, problem: DeliveryProblem?) {
    self.id = id
    self.problem = problem
  }
}

/// Why a row is not in Kafka.
package enum DeliveryProblem: Error, Sendable, Equatable {
  /// Kafka does not want this row, now or later. The text is for the operator.
  case refused(String)
  /// Not now; the cause is Kafka's name of it.
  case failed(String)
  /// The client can send nothing more.
  case broken(String)
}

/// Why a step of the relay came to nothing.
package enum RelayFailure: Error, Sendable, Equatable {
  case database(PostgresError)
  /// The tables are not as they must be; one sentence.
  case schema(String)
  case kafka(String)
}
