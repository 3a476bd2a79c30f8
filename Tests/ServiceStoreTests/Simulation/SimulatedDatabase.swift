import ServiceStore

/// Postgres, as far as an outbox goes: ids handed out before commits, transactions' numbers, snapshots, locks of keys that
/// last until the end of a transaction, and an advisory lock that lasts until the end of a session.
final class SimulatedDatabase {
  /// How the head of the outbox is read. All but the first are wrong, and the simulation must find out.
  enum Reading: CaseIterable {
    /// By id, up to the first row that may not be sent yet.
    case closed
    /// All rows that may be sent, by id, over those that may not.
    case overGaps
    /// What is above the highest id that was read, as if ids came in the order of commits.
    case cursor
    /// What has been sent is read again.
    case excludingNothing
  }

  struct Stored {
    let row: OutboxRow
    let xid: Int
    let transaction: Int
  }

  enum Outcome { case open, committed, rolledBack }

  private(set) var nextXid = 1
  private var nextID: Int64 = 1
  private var outcomes: [Outcome] = []
  private var xids: [Int: Int] = [:]
  private var holders: [String: Int] = [:]
  private(set) var stored: [Stored] = []
  private(set) var parked: Set<Int64> = []
  /// Ids by key in the order of the commits, and within one of the inserts.
  private(set) var committed: [String: [Int64]] = [:]
  private(set) var poison: Set<Int64> = []

  /// The session that has the advisory lock.
  var leader: Int?

  /// A key's events are all of one topic.
  static func topic(of key: String) -> String { key < "c" ? "t1" : "t2" }

  // MARK: Writers

  func begin() -> Int {
    outcomes.append(.open)
    return outcomes.count - 1
  }

  /// As a first write does, also one that then waits for a lock.
  func takeXid(_ transaction: Int) {
    guard xids[transaction] == nil else { return }
    xids[transaction] = nextXid
    nextXid += 1
  }

  /// - Returns: false if another holds it, and the transaction must wait.
  func lock(_ key: String, _ transaction: Int) -> Bool {
    takeXid(transaction)
    if let holder = holders[key], holder != transaction { return false }
    holders[key] = transaction
    return true
  }

  func insert(_ key: String, _ value: String, _ transaction: Int, at now: ContinuousClock.Instant) {
    precondition(holders[key] == transaction, "events are written under their key's lock")
    takeXid(transaction)
    let row = OutboxRow(id: nextID, topic: Self.topic(of: key), key: key, value: value, writtenAt: now)
    if value != "fine" { poison.insert(row.id) }
    stored.append(Stored(row: row, xid: xids[transaction]!, transaction: transaction))
    nextID += 1
  }

  func end(_ transaction: Int, committing: Bool) {
    outcomes[transaction] = committing ? .committed : .rolledBack
    if committing {
      for one in stored where one.transaction == transaction { committed[one.row.key, default: []].append(one.row.id) }
    } else {
      stored.removeAll { $0.transaction == transaction }
    }
    holders = holders.filter { $0.value != transaction }
    xids[transaction] = nil
  }

  // MARK: The relay's statements

  /// The lowest number of a transaction that is not over.
  private var horizon: Int { xids.values.min() ?? nextXid }

  private var highestRead: Int64 = 0

  func read(_ reading: Reading, excluding ids: [Int64], topics: [String], limit: Int) -> OutboxHead {
    let excluded = Set(reading == .excludingNothing ? [] : ids)
    var visible = stored.filter {
      outcomes[$0.transaction] == .committed && !excluded.contains($0.row.id) && !topics.contains($0.row.topic)
    }
    .sorted { $0.row.id < $1.row.id }
    if reading == .overGaps { visible.removeAll { $0.xid >= horizon } }
    if reading == .cursor { visible.removeAll { $0.row.id <= highestRead } }
    var head = OutboxHead()
    for one in visible.prefix(limit) {
      guard one.xid < horizon else {
        head.isBlocked = true
        break
      }
      head.rows.append(one.row)
    }
    head.hasMore = !head.isBlocked && visible.count > limit
    highestRead = max(highestRead, head.rows.last?.id ?? 0)
    return head
  }

  func delete(_ ids: [Int64]) {
    let ids = Set(ids)
    stored.removeAll { ids.contains($0.row.id) }
  }

  func park(_ id: Int64) {
    guard stored.contains(where: { $0.row.id == id }) else { return }
    parked.insert(id)
    delete([id])
  }
}
