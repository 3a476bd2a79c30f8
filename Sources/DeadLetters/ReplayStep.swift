/// A row of the ledger of replays, `dead_letter_replays`.
package struct ReplayEntry: Sendable, Equatable {
  /// 1 for the first try to replay a letter.
  package let attempt: UInt32
  /// What the attempt came to; nil for its intent. -1: nothing was sent.
  package let sentOffset: Int64?
  /// The process that wrote it, a UUID.
  package let replayer: String
  /// Where the partition's log ended, at most, before anything of the attempt was sent.
  package let searchFrom: Int64
  /// Until when its writer may send, if it owns the attempt: milliseconds since 1970, by ClickHouse's clock.
  package let expiresMs: Int64

  package init(attempt: UInt32, sentOffset: Int64?, replayer: String, searchFrom: Int64, expiresMs: Int64) {
    self.attempt = attempt
    self.sentOffset = sentOffset
    self.replayer = replayer
    self.searchFrom = searchFrom
    self.expiresMs = expiresMs
  }
}

/// What to do next about one letter, so that it is sent once, however many replays run and wherever each is killed.
///
/// An attempt belongs to whoever wrote its first row (`_block_number` is the order of arrival). Its owner sends
/// before that row expires, by ClickHouse's clock, and at no time after; each replay may have been given another lease.
/// So once the lease is over, what the partition holds from `searchFrom` on tells whether the attempt sent: a message that
/// carries the letter's coordinates is there or will never be. Only who has looked may claim the next attempt, and it
/// becomes theirs only if nobody was first.
package enum ReplayStep: Sendable, Equatable {
  /// It is settled: sent at the offset, or (-1) in no need of sending.
  case over(sentOffset: Int64)
  /// Nobody has tried: claim attempt 1.
  case claimFirst
  /// An attempt is ours: send it before its lease ends.
  case send(attempt: UInt32, untilMs: Int64)
  /// Another replay may still send it, until then.
  case wait(untilMs: Int64)
  /// An attempt has ended and left no word: look for its message, then claim the next one.
  case search(from: Int64, attempt: UInt32)

  /// - Parameters:
  ///   - entries: the letter's rows in the order of arrival.
  ///   - me: this process in the ledger.
  ///   - nowMs: ClickHouse's clock when it gave the rows.
  package static func next(_ entries: [ReplayEntry], me: String, nowMs: Int64) -> ReplayStep {
    if let sent = entries.compactMap(\.sentOffset).max() { return .over(sentOffset: sent) }
    guard let attempt = entries.map(\.attempt).max(), let owner = entries.first(where: { $0.attempt == attempt }) else {
      return .claimFirst
    }
    let untilMs = owner.expiresMs
    if nowMs > untilMs {
      return .search(from: entries.map(\.searchFrom).min() ?? 0, attempt: attempt)
    }
    return owner.replayer == me ? .send(attempt: attempt, untilMs: untilMs) : .wait(untilMs: untilMs)
  }
}
