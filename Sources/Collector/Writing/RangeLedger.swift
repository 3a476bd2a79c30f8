import Kafka

/// Which offsets were claimed together, in the order in which they were, and until when whose INSERTs may run.
///
/// Confined to one thread, as its store is.
package final class RangeLedger {
  private let store: any LedgerStore
  /// How long before its row expires an INSERT must have begun.
  private let insertTimeoutMs: Int64

  package init(_ store: any LedgerStore, insertTimeoutMs: Int64) {
    self.store = store
    self.insertTimeoutMs = insertTimeoutMs
  }

  /// Writes the intent, then reads who was first to claim a range at that offset. Harmless to repeat.
  func claim(_ intent: RangeIntent) throws(StepFailure) -> (first: LedgerEntry, lease: Lease) {
    try store.append(.claim, intent)
    let (rows, run) = try rows(of: intent)
    // Alone there, it was written by this very call: nothing has come after it that matters.
    let entry = rows.count == 1 ? LedgerEntry(rows, partsSince: 0, in: run) : try entry(rows, in: run)
    // From the first row, not from now: a claim whose reply was lost long ago gives no fresh lease.
    return (entry, lease(rows[0]))
  }

  /// A new lease for a claimed range, which the ledger knows of, and the range's entry.
  func renew(_ intent: RangeIntent) throws(StepFailure) -> (lease: Lease, entry: LedgerEntry) {
    try store.append(.renewal, intent)
    let (rows, run) = try rows(of: intent)
    return (try ours(rows, intent, isMark: false), try entry(rows, in: run))
  }

  /// Writes down that the range is about to be reconciled.
  func mark(_ intent: RangeIntent) throws(StepFailure) -> Lease {
    try store.append(.mark, intent)
    return try ours(try rows(of: intent).rows, intent, isMark: true)
  }

  /// How long others may still insert into the range, in milliseconds; 0 when every lease is over.
  ///
  /// Whoever inserts has a lease, and each lease a row from before its owner's proof of membership. So rows that come after
  /// the take-over are of no use to who wrote them, and those that are there say it all. Leases of earlier runs of ClickHouse
  /// are over, and nobody inserts under the token of a range that was claimed in one, whoever renewed it. Our own marks, if they
  /// are the last, do not count: what we sent under them is repeated under the same token.
  package func othersRun(_ intent: RangeIntent) throws(StepFailure) -> Int64 {
    let (rows, server) = try store.rows(of: intent.partition, from: intent.range.from)
    guard let run = server.incarnation else { throw .notRecovered }
    let ours = rows.reversed().prefix { $0.isMark && $0.intent.writer == intent.writer }.count
    let isTokenUsed = rows.first?.incarnation == run
    let leases = rows.dropLast(ours).filter { $0.incarnation == run && ($0.isMark || isTokenUsed) }
    let end = leases.map(\.expiresMs).max() ?? 0
    return max(0, end - server.nowMs + 1)
  }

  /// Ends what is still under way of earlier INSERTs of the range, and throws until they are gone: no timeout of
  /// ClickHouse's ends an INSERT that stalls while it commits.
  func fence(_ intent: RangeIntent) throws(StepFailure) {
    if try store.endInserts(of: intent) > 0 { throw .insertUnderWay }
  }

  /// The epochs of a range that is being reconciled, oldest first, the claim's own first of all.
  func epochs(of intent: RangeIntent, window: UInt64) throws(StepFailure) -> [ReconcileEpoch] {
    let rows = try rows(of: intent).rows
    func mark(_ row: LedgerRow) throws(StepFailure) -> ReconcileEpoch.Mark {
      .init(
        writer: row.intent.writer, atMs: row.createdMs, partsSince: try store.partsWritten(after: row),
        incarnation: row.incarnation)
    }
    var marks: [ReconcileEpoch.Mark] = []
    for row in rows where row.isMark { marks.append(try mark(row)) }
    return ReconcileEpoch.all(claim: try mark(rows[0]), marks: marks, window: window)
  }

  /// The end of a partition's chain; nil when it has none.
  package func tail(of partition: TopicPartition) throws(StepFailure) -> LedgerEntry? {
    let (rows, server) = try store.rows(of: partition, from: nil)
    return rows.isEmpty ? nil : try entry(rows, in: server.incarnation)
  }

  private func entry(_ rows: [LedgerRow], in run: Incarnation?) throws(StepFailure) -> LedgerEntry {
    LedgerEntry(rows, partsSince: try store.partsWritten(after: rows[0]), in: run)
  }

  /// One that was written before the run had a name is over.
  private func lease(_ row: LedgerRow) -> Lease {
    row.incarnation.map { Lease(untilMs: row.expiresMs - insertTimeoutMs, in: $0) } ?? .over
  }

  private func ours(_ rows: [LedgerRow], _ intent: RangeIntent, isMark: Bool) throws(StepFailure) -> Lease {
    guard let row = rows.last(where: { $0.intent.writer == intent.writer && $0.isMark == isMark }) else {
      throw .clickHouse(.protocolViolation("ranges does not show a row for \(intent.token), which it had taken"))
    }
    return lease(row)
  }

  private func rows(of intent: RangeIntent) throws(StepFailure) -> (rows: [LedgerRow], run: Incarnation) {
    let (rows, server) = try store.rows(of: intent.partition, from: intent.range.from)
    guard !rows.isEmpty else {
      throw .clickHouse(.protocolViolation("ranges does not show the claim of \(intent.token), which it had taken"))
    }
    guard let run = server.incarnation else { throw .notRecovered }
    return (rows, run)
  }
}

extension LedgerEntry {
  /// - Parameters:
  ///   - rows: all at one offset, in the order of arrival; the first wins.
  ///   - run: ClickHouse's, when they were read.
  package init(_ rows: [LedgerRow], partsSince: UInt64, in run: Incarnation?) {
    self.init(
      intent: rows[0].intent, partsSince: partsSince, marked: rows.contains(where: \.isMark),
      isCurrent: run != nil && rows[0].incarnation == run)
  }
}

extension Lease {
  /// One under which nothing begins.
  static let over = Lease(untilMs: 0, in: Incarnation(Incarnation.none))
}
