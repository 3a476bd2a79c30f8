import Blocking
import Postgres
import ServiceStore

/// A relay's process: the code that ships, over a simulated database, broker and clock.
final class SimulatedRelay: RelayTable, RelayOutlet, RelayClock, RelayObserver {
  private let world: RelayWorld
  private var stepper: RelayStepper!
  private(set) var producer: SimulatedProducer
  /// The session with the database.
  private var session: Int?
  private(set) var isSignalled = false
  private(set) var wakeAt: ContinuousClock.Instant
  private(set) var ended: Bool?
  private(set) var steps = 0
  var failsStatement: RelayWorld.StatementFailure?

  init(_ world: RelayWorld) {
    self.world = world
    producer = world.newProducer()
    wakeAt = world.now
    var limits = RelayLimits()
    limits.readRows = 6
    limits.windowRows = 24
    limits.deleteRows = 5
    limits.silence = .milliseconds(500)
    limits.giveUp = .seconds(1)
    // By the seed alone.
    limits.databaseRetry = RetryPolicy(first: .milliseconds(100), longest: .seconds(5), jitter: 0)
    limits.kafkaRetry = RetryPolicy(first: .milliseconds(200), longest: .seconds(10), jitter: 0)
    stepper = RelayStepper(limits, table: self, outlet: self, clock: self, report: self)
  }

  var isDue: Bool { ended == nil && (isSignalled || world.now >= wakeAt || producer.hasReports) }

  func signal() { isSignalled = true }
  func stop() {
    stepper.stop()
    isSignalled = true
  }

  func step() {
    steps += 1
    wakeAt = world.now
    ended = stepper.step()
  }

  /// `kill -9`; the session's end is noticed by the server, sooner or later.
  func kill() {
    producer.vanish(&world.random)
    ended = false
    loseSession()
  }

  func loseSession() {
    if let session { world.abandon(session) }
    session = nil
  }

  // MARK: Clock

  var now: ContinuousClock.Instant { world.now }
  func wait(until moment: ContinuousClock.Instant) { wakeAt = moment }
  func takeSignal() -> Bool {
    defer { isSignalled = false }
    return isSignalled
  }

  // MARK: Table

  private func statement<Value>(_ body: (SimulatedDatabase) -> Value) throws(RelayFailure) -> Value {
    guard session != nil, !world.isDatabaseAway else { throw lost() }
    switch failsStatement {
    case .before:
      failsStatement = nil
      throw lost()
    case .after:
      failsStatement = nil
      _ = body(world.database)
      throw lost()
    case nil: return body(world.database)
    }
  }

  private func lost() -> RelayFailure {
    loseSession()
    return .database(.interrupted(sqlState: nil))
  }

  func lead() throws(RelayFailure) -> Bool {
    if session == nil, !world.isDatabaseAway { session = world.newSession() }
    let session = session
    return try statement { database in
      if database.leader == nil { database.leader = session }
      return database.leader == session
    }
  }

  func read(
    excluding ids: [Int64], topics: [String], limit: Int, bytes: Int
  ) throws(RelayFailure) -> OutboxHead {
    try statement { $0.read(world.reading, excluding: ids, topics: topics, limit: limit) }
  }
  func delete(_ ids: [Int64]) throws(RelayFailure) { try statement { $0.delete(ids) } }
  func park(_ id: Int64, reason: String) throws(RelayFailure) { try statement { $0.park(id) } }
  func backlog() throws(RelayFailure) -> OutboxBacklog {
    try statement { OutboxBacklog(pending: $0.stored.count, oldestAge: .zero, parked: $0.parked.count) }
  }
  func sweep() throws(RelayFailure) -> Bool { try statement { _ in false } }
  func close() { loseSession() }

  // MARK: Outlet

  func send(_ row: OutboxRow) -> DeliveryProblem? {
    if world.weather.failures, world.random.chance(0.02) { return .failed("_QUEUE_FULL") }
    return producer.send(row)
  }
  func reports(within limit: Duration) -> [RelayDelivery] {
    if limit > .zero { wakeAt = world.now + limit }
    return producer.take(&world.random)
  }
  func replace() throws(RelayFailure) {
    if world.random.chance(0.2) { throw .kafka("_CRIT_SYS_RESOURCE") }
    // Nobody else leads, and the client was well: there was no need to forget.
    if producer.isBroken || producer.isForgotten || world.weather.relays > 1 { world.mayRepeat = true }
    producer.vanish(&world.random)
    producer = world.newProducer()
  }

  // MARK: Observer

  func leads(_ isOurs: Bool) {}
  func delivered(after delay: Duration) {
    precondition(delay >= .zero, "a row cannot be in Kafka before it was written")
  }
  func published(_ count: Int) {}
  func undelivered(_ problem: DeliveryProblem) {}
  func parked(_ id: Int64, reason: String) {}
  func measured(_ backlog: OutboxBacklog) {}
  func failed(_ failure: RelayFailure) {}
  func kafkaSilent() {}
}
