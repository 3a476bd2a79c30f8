/// What an outbox relay does next: the rules alone, without database, broker, threads or clock.
///
/// - Who holds the database's lock reads the next rows by id, hands them to Kafka in that order, and deletes what is
///   acknowledged. Reading goes on while acknowledgements are out: rows sent and not deleted are excluded by their ids, so
///   that a row which appears late below them is not passed over.
/// - Per key rows go out by id. A key's rows are written under its lock, so whoever sees a row sees those before it; the
///   head that is read is closed downwards, and Kafka keeps the order of what was handed to it.
/// - What fails for now is forgotten and read again later; until then nothing of its topic is read, and the others go on.
///   What Kafka refuses is sent once more, alone, since a whole batch is refused for one of its messages; if it is refused
///   again, it is parked.
/// - A lost session is opened again, and rows that were sent are still known: nothing is sent twice for it. If another
///   relay has the lock meanwhile, they are forgotten, and they are its.
package struct RelayMachine {
  package typealias Instant = ContinuousClock.Instant

  package enum Step: Equatable {
    case lead
    case read(excluding: [Int64], topics: [String])
    /// In this order; after one that cannot be queued no other of its topic.
    case send([OutboxRow])
    case delete([Int64])
    case park(Int64, reason: String)
    /// Drops what Kafka's client holds.
    case discard
    case measure
    case sweep
    /// For reports, while there are rows sent; for the signal, otherwise.
    case wait(until: Instant)
    /// `isComplete`: all that was committed is in Kafka, or another relay's.
    case finish(isComplete: Bool)
  }

  private let limits: RelayLimits

  package private(set) var isLeading = false
  private var isAnothers = false
  private var databaseFailures = 0
  private var nextLead: Instant
  private var lostAt: Instant?

  private var unsent: [OutboxRow] = []
  private var sent: [Int64: OutboxRow] = [:]
  private var sentBytes = 0
  private var delivered: [Int64] = []
  private var deliveredSince: Instant?
  /// Refused, perhaps for the company they were in.
  private var suspects: [OutboxRow] = []
  private var alone: Int64?
  private var refused: [(id: Int64, reason: String)] = []
  /// How often in a row a topic's rows failed, and when it is tried again.
  private var failing: [String: (failures: Int, until: Instant)] = [:]
  private var isBroken = false
  /// The same of clients that were made anew.
  private var replaced = 0
  private var clientRetry: Instant?
  private var lastReport: Instant

  private var isSignalled = true
  private var hasMore = false
  private var blockedReads = 0
  /// Reads in a row that found nothing; of more than these no difference is made.
  private var emptyReads = mostEmptyReads
  private static let mostEmptyReads = 4
  private var nextRead: Instant
  /// Of a read that a signal asks for.
  private var nextSignalled: Instant
  private var nextMeasure: Instant
  private var nextSweep: Instant

  private var flushEnd: Instant?
  /// Nothing was left to read since the stop began.
  private var isDrained = false
  /// The last read left out topics that fail.
  private var skipsTopics = false

  package init(_ limits: RelayLimits = RelayLimits(), now: Instant) {
    self.limits = limits
    nextLead = now
    lastReport = now
    nextRead = now
    nextSignalled = now
    nextMeasure = now
    nextSweep = now
  }

  /// Whether rows were sent of which nothing is known yet.
  package var awaitsReports: Bool { !sent.isEmpty }

  /// Whether Kafka acknowledges nothing though it has something to.
  package func isSilent(now: Instant) -> Bool { awaitsReports && now - lastReport >= limits.silence }

  /// Rows that are known and still in the table.
  private var holdsNothing: Bool {
    sent.isEmpty && delivered.isEmpty && suspects.isEmpty && refused.isEmpty && unsent.isEmpty
  }
  private var heldCount: Int { sent.count + delivered.count }

  // MARK: What to do

  package mutating func next(now: Instant) -> Step {
    if let flushEnd, now >= flushEnd { return .finish(isComplete: false) }
    if awaitsReports, now - lastReport >= limits.giveUp { isBroken = true }
    if isBroken {
      if let clientRetry, now < clientRetry { return .wait(until: earliest([clientRetry, flushEnd])) }
      return .discard
    }
    guard isLeading else { return whileFollowing(now) }
    if !unsent.isEmpty { return .send(unsent) }
    if let (id, reason) = refused.first { return .park(id, reason: reason) }
    if isDeleteDue(now) { return .delete(delivered) }
    if sent.isEmpty, let suspect = suspects.first, !isFailing(suspect.topic, now) {
      alone = suspect.id
      return .send([suspect])
    }
    if isReadDue(now) {
      isSignalled = false
      clientRetry = nil
      nextRead = now + limits.poll
      nextSignalled = now + limits.gather
      let topics = failing.keys.filter { isFailing($0, now) }.sorted()
      skipsTopics = !topics.isEmpty
      return .read(excluding: sent.keys + delivered, topics: topics)
    }
    if let due = dueBeside(now, sweeping: flushEnd == nil) { return due }
    if isDrained, holdsNothing { return .finish(isComplete: true) }
    return .wait(until: nextMoment(now))
  }

  private mutating func whileFollowing(_ now: Instant) -> Step {
    if flushEnd != nil, isAnothers { return .finish(isComplete: true) }
    if now >= nextLead { return .lead }
    if isAnothers, let due = dueBeside(now, sweeping: false) { return due }
    return .wait(until: earliest([nextLead, isAnothers ? nextMeasure : nil, flushEnd]))
  }

  private mutating func dueBeside(_ now: Instant, sweeping: Bool) -> Step? {
    if now >= nextMeasure {
      nextMeasure = now + limits.measure
      return .measure
    }
    if sweeping, now >= nextSweep {
      nextSweep = now + limits.sweep
      return .sweep
    }
    return nil
  }

  private func isDeleteDue(_ now: Instant) -> Bool {
    guard let deliveredSince else { return false }
    return delivered.count >= limits.deleteRows || now >= deliveredSince + limits.deleteAfter || !hasRoom
      || flushEnd != nil && sent.isEmpty
  }

  private var hasRoom: Bool {
    heldCount + limits.readRows <= limits.windowRows && sentBytes < limits.windowBytes
  }

  private func isFailing(_ topic: String, _ now: Instant) -> Bool {
    failing[topic].map { now < $0.until } ?? false
  }

  private var canRead: Bool { suspects.isEmpty && hasRoom }
  private var isFlushing: Bool { flushEnd != nil && !isDrained }

  private func isReadDue(_ now: Instant) -> Bool {
    guard canRead, now >= clientRetry ?? now else { return false }
    return isSignalled && now >= nextSignalled || hasMore || now >= nextRead
      || isFlushing && blockedReads == 0 && !skipsTopics
  }

  private func nextMoment(_ now: Instant) -> Instant {
    var moments: [Instant?] = [nextMeasure, flushEnd]
    if flushEnd == nil { moments.append(nextSweep) }
    if let deliveredSince { moments.append(deliveredSince + limits.deleteAfter) }
    if canRead {
      let next = isSignalled ? min(nextRead, nextSignalled) : nextRead
      moments.append(max(next, clientRetry ?? next))
    }
    // A suspect whose topic fails.
    if !suspects.isEmpty, sent.isEmpty { moments.append(suspects.first.flatMap { failing[$0.topic]?.until }) }
    return earliest(moments)
  }

  private func earliest(_ moments: [Instant?]) -> Instant {
    moments.compactMap { $0 }.min() ?? nextLead
  }

  // MARK: What came of it

  package mutating func signalled() { isSignalled = true }

  package mutating func stop(now: Instant) {
    guard flushEnd == nil else { return }
    flushEnd = now + limits.flush
    nextLead = min(nextLead, now)
  }

  package mutating func led(_ isOurs: Bool, now: Instant) {
    databaseFailures = 0
    isLeading = isOurs
    isAnothers = false
    if isOurs {
      lostAt = nil
      isSignalled = true
    } else if let lostAt, !holdsNothing, now < lostAt + limits.remember {
      nextLead = now + limits.rememberPoll
    } else {
      if !holdsNothing { isBroken = true }
      isAnothers = true
      nextLead = now + limits.follow
    }
  }

  package mutating func databaseFailed(now: Instant) {
    // Also an attempt to lead may have got the lock, and its session keeps it until the server notices.
    lostAt = now
    isLeading = false
    isAnothers = false
    databaseFailures += 1
    nextLead = now + limits.databaseRetry.delay(afterFailures: databaseFailures)
  }

  package mutating func found(_ head: OutboxHead, now: Instant) {
    unsent = head.rows
    hasMore = head.hasMore
    if head.isBlocked {
      if !head.rows.isEmpty { blockedReads = 0 }
      nextRead = now + min(limits.poll, limits.blockedPoll * (1 << min(blockedReads, 10)))
      blockedReads += 1
    } else {
      blockedReads = 0
      // Behind rows there come more, not all of which raise our signal: those of the service's other processes.
      emptyReads = head.rows.isEmpty ? min(emptyReads + 1, Self.mostEmptyReads) : 0
      nextRead = min(nextRead, now + limits.gather * (1 << (2 * emptyReads)))
    }
    if flushEnd != nil { isDrained = head == OutboxHead() && !skipsTopics }
  }

  /// - Returns: whether those of its topic behind it may be sent too.
  package mutating func queued(_ row: OutboxRow, _ problem: DeliveryProblem?, now: Instant) -> Bool {
    switch problem {
    case nil:
      if sent.isEmpty { lastReport = now }
      sent[row.id] = row
      sentBytes += row.bytes
    // Its own client says so, of this row and no other.
    case .refused(let reason): refuse(row.id, reason)
    case .failed:
      failed(row, now)
      return false
    case .broken:
      isBroken = true
      return false
    }
    return true
  }

  /// What was not queued is read again.
  package mutating func sendingEnded() { unsent = [] }

  /// - Returns: how long ago the row was written, if Kafka has it.
  package mutating func reported(_ delivery: RelayDelivery, now: Instant) -> Duration? {
    guard let row = sent.removeValue(forKey: delivery.id) else { return nil }
    sentBytes -= row.bytes
    lastReport = now
    switch delivery.problem {
    case nil:
      replaced = 0
      if let failure = failing[row.topic], now >= failure.until { failing[row.topic] = nil }
      if alone == row.id { clear(row.id) }
      if delivered.isEmpty { deliveredSince = now }
      delivered.append(row.id)
      return now - row.writtenAt
    case .refused(let reason):
      if alone == row.id {
        refuse(row.id, reason)
      } else {
        suspects.insert(row, at: suspects.firstIndex { $0.id > row.id } ?? suspects.endIndex)
      }
    case .failed: failed(row, now)
    case .broken: isBroken = true
    }
    return nil
  }

  package mutating func deleted(_ ids: [Int64]) {
    delivered.removeFirst(ids.count)
    deliveredSince = nil
  }

  package mutating func parked(_ id: Int64) { refused.removeAll { $0.id == id } }

  /// The client is new; of what the last one held nobody knows whether Kafka has it.
  package mutating func discarded(now: Instant) {
    isBroken = false
    unsent = []
    sent = [:]
    sentBytes = 0
    suspects = []
    alone = nil
    discardFailed(now: now)
    // Also what was acknowledged, unless it can still be deleted by us.
    if !isLeading, isAnothers {
      delivered = []
      deliveredSince = nil
      refused = []
    }
  }

  package mutating func discardFailed(now: Instant) {
    replaced += 1
    clientRetry = now + limits.kafkaRetry.delay(afterFailures: replaced)
    isSignalled = true
    isDrained = false
  }

  package mutating func swept(hasMore: Bool, now: Instant) { if hasMore { nextSweep = now + limits.measure } }

  private mutating func refuse(_ id: Int64, _ reason: String) {
    clear(id)
    refused.append((id, reason))
  }

  private mutating func clear(_ id: Int64) {
    suspects.removeAll { $0.id == id }
    if alone == id { alone = nil }
  }

  private mutating func failed(_ row: OutboxRow, _ now: Instant) {
    if alone == row.id { alone = nil }
    let known = failing[row.topic]
    isDrained = false
    // Those that were under way together count once.
    if let known, now < known.until { return }
    let failures = (known?.failures ?? 0) + 1
    failing[row.topic] = (failures, now + limits.kafkaRetry.delay(afterFailures: failures))
  }
}
