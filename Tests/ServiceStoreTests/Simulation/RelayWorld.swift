import ServiceStore

/// Writers, relays, a database and a broker, of which a seed decides who goes on next and what fails.
final class RelayWorld {
  /// What may happen to a run.
  struct Weather {
    var relays = 1
    var kills = false
    var sessionLosses = false
    var brokerOutages = false
    /// Rows fail for now: one, or all that wait for a topic.
    var failures = false
    var fatalErrors = false
    var forgottenClients = false
    var poison = false
    /// One too large message has its whole batch refused.
    var refusesBatches = false
  }

  enum StatementFailure { case before, after }

  private struct Writer {
    var steps: [Step]
    let transaction: Int
  }

  private enum Step {
    case write
    case lock(String)
    case insert(String, String)
    case end(committing: Bool)
  }

  let weather: Weather
  let reading: SimulatedDatabase.Reading
  var random: SeededGenerator
  private(set) var now = ContinuousClock.now
  let database = SimulatedDatabase()
  let broker = SimulatedBroker()
  private(set) var isDatabaseAway = false
  /// Whether something happened for which rows may be in Kafka twice.
  var mayRepeat = false
  private(set) var relays: [SimulatedRelay] = []
  private var writers: [Writer] = []
  private var sessions = 0
  private var lacksTopic = false
  /// Sessions whose client is gone, and when the server notices.
  private var abandoned: [(session: Int, until: ContinuousClock.Instant)] = []

  init(seed: UInt64, _ weather: Weather, reading: SimulatedDatabase.Reading = .closed) {
    random = SeededGenerator(seed: seed)
    self.weather = weather
    self.reading = reading
    for _ in 0..<weather.relays { relays.append(SimulatedRelay(self)) }
  }

  func newProducer() -> SimulatedProducer { SimulatedProducer(broker, refusesBatches: weather.refusesBatches) }

  func newSession() -> Int {
    sessions += 1
    return sessions
  }

  /// The lock stays with it until the server knows.
  func abandon(_ session: Int) {
    abandoned.append((session, now + .milliseconds(Int.random(in: 0...1500, using: &random))))
  }

  // MARK: A run

  /// Lets `transactions` be written, with all that the weather brings; then quiet, until all is sent.
  /// - Returns: what is wrong.
  func run(transactions: Int) -> [String] {
    var begun = 0
    var ticks = 0
    while begun < transactions || !writers.isEmpty {
      ticks += 1
      if ticks > 200_000 { return ["the writers do not come to an end"] }
      if begun < transactions, writers.count < 6, random.chance(0.2) {
        writers.append(newWriter())
        begun += 1
      }
      tick()
      trouble()
    }
    isDatabaseAway = false
    broker.isAway = false
    let end = now + .seconds(120)
    while !database.stored.isEmpty || relays.contains(where: { !$0.producer.isIdle }) {
      if now > end { return ["\(database.stored.count) rows are still in the outbox two minutes after all is well"] }
      tick()
    }
    return verdict()
  }

  /// Lets `transactions` be written while another is open that began before them, stops the relay, and then ends that one:
  /// the relay ends too, with all that is committed sent.
  func runAndStop(transactions: Int) -> [String] {
    let open = database.begin()
    database.takeXid(open)
    write(transactions)
    relays[0].stop()
    for _ in 0..<50 { tick() }
    if relays[0].ended != nil { return ["the relay ended before it had sent all"] }
    database.end(open, committing: false)
    let end = now + .seconds(9)
    while relays[0].ended == nil, now < end { tick() }
    guard relays[0].ended == true else { return ["the relay did not end complete"] }
    return (database.stored.isEmpty ? [] : ["rows were left"]) + verdict()
  }

  /// One topic does not exist for a while; what belongs to the other goes on, and nothing of the first is lost.
  func runWithoutTopic(transactions: Int) -> [String] {
    lacksTopic = true
    relays[0].producer.lose("t2")
    write(transactions)
    let end = now + .seconds(5)
    while database.stored.contains(where: { $0.row.topic == "t1" }), now < end { tick() }
    if now >= end { return ["rows of the topic that exists are held up"] }
    guard database.stored.contains(where: { $0.row.topic == "t2" }) else { return ["there was nothing to hold up"] }
    lacksTopic = false
    return run(transactions: 0)
  }

  /// One after the other.
  private func write(_ transactions: Int) {
    for _ in 0..<transactions {
      writers.append(newWriter())
      while !writers.isEmpty { tick() }
    }
  }

  private func tick() {
    now += .microseconds(Int.random(in: 20...3000, using: &random))
    for (session, _) in abandoned.filter({ $0.until <= now }) where database.leader == session { database.leader = nil }
    abandoned.removeAll { $0.until <= now }
    for index in writers.indices.shuffled(using: &random).prefix(2) where random.chance(0.7) { advance(index) }
    writers.removeAll { $0.steps.isEmpty }
    for relay in relays.shuffled(using: &random) where relay.isDue && random.chance(0.8) { relay.step() }
    for relay in relays where random.chance(0.5) { relay.producer.work(&random) }
    for relay in relays where !lacksTopic && random.chance(0.05) { relay.producer.findTopics() }
  }

  private func newWriter() -> Writer {
    let keys = ["a", "b", "c", "d"].shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)).sorted()
    var steps: [Step] = random.chance(0.5) ? [.write] : []
    for key in keys {
      steps.append(.lock(key))
      // Not every change tells of itself.
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let value = weather.poison && random.chance(0.05) ? random.chance(0.5) ? "huge" : "large" : "fine"
        steps.append(.insert(key, value))
      }
    }
    steps.append(.end(committing: random.chance(0.8)))
    return Writer(steps: steps, transaction: database.begin())
  }

  private func advance(_ index: Int) {
    let transaction = writers[index].transaction
    switch writers[index].steps[0] {
    case .write: database.takeXid(transaction)
    case .lock(let key): guard database.lock(key, transaction) else { return }
    case .insert(let key, let value): database.insert(key, value, transaction, at: now)
    case .end(let committing):
      database.end(transaction, committing: committing)
      if committing { for relay in relays where random.chance(0.7) { relay.signal() } }
    }
    writers[index].steps.removeFirst()
  }

  private func trouble() {
    if weather.brokerOutages, random.chance(broker.isAway ? 0.02 : 0.004) { broker.isAway.toggle() }
    if weather.sessionLosses {
      if random.chance(isDatabaseAway ? 0.05 : 0.002) { isDatabaseAway.toggle() }
      if random.chance(0.03) {
        relays.randomElement(using: &random)?.failsStatement = random.chance(0.5) ? .before : .after
      }
    }
    if weather.failures, random.chance(0.01) {
      relays.randomElement(using: &random)?.producer.lose(random.chance(0.5) ? "t1" : "t2")
    }
    if weather.fatalErrors, random.chance(0.004) {
      relays.randomElement(using: &random)?.producer.breakDown(&random)
      mayRepeat = true
    }
    if weather.forgottenClients, random.chance(0.003) {
      relays.randomElement(using: &random)?.producer.isForgotten = true
      mayRepeat = true
    }
    if weather.kills, random.chance(0.01), let victim = relays.indices.randomElement(using: &random) {
      relays[victim].kill()
      relays[victim] = SimulatedRelay(self)
      mayRepeat = true
    }
  }

  // MARK: What must hold

  private func verdict() -> [String] {
    var problems: [String] = []
    var firsts: [String: [Int64]] = [:]
    var seen: Set<Int64> = []
    var repeats = 0
    for row in broker.log {
      guard seen.insert(row.id).inserted else {
        repeats += 1
        continue
      }
      firsts[row.key, default: []].append(row.id)
    }
    if repeats > 0, !mayRepeat { problems.append("\(repeats) rows were sent twice, and nothing had happened") }
    for (key, ids) in database.committed {
      let wanted = ids.filter { !database.poison.contains($0) }
      let got = firsts[key] ?? []
      if Set(got) != Set(wanted) { problems.append("key \(key): \(wanted) were committed, \(got) sent") }
      // Where whole batches are refused, those beside the one are sent anew.
      if got != wanted, !weather.refusesBatches { problems.append("key \(key): committed \(wanted), sent \(got)") }
      for id in ids where database.poison.contains(id) && !database.parked.contains(id) {
        problems.append("\(id) is neither sent nor parked")
      }
    }
    if firsts.keys.contains(where: { database.committed[$0] == nil }) { problems.append("sent what was not committed") }
    if !database.parked.isSubset(of: database.poison) { problems.append("parked what is fine") }
    return problems
  }
}
