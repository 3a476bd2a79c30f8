/// Who holds the lock, told from the log of all that was written about it. Pure.
///
/// ClickHouse has no compare-and-swap, but it numbers the blocks inserted into a table in one order that all readers see, also
/// after merges. Every runner therefore replays the same log to the same end:
/// - a claim succeeds if nobody holds the lock, or the holder's lease had run out when the claim was written;
/// - a renewal succeeds if its claim still holds the lock, even if the lease ran out meanwhile, as nobody took it;
/// - a release frees it.
/// All times are the server's. A runner may act for as long as its lease lasts, having read its own claim or renewal back.
package struct LockLog: Sendable {
  package enum Kind: String, Sendable {
    case claim, renew, release
  }

  package struct Entry: Sendable {
    package let kind: Kind
    /// Names one attempt of one runner.
    package let claim: String
    /// For people: host and process.
    package let runner: String
    package let writtenAtMs: Int64
    package let expiresAtMs: Int64

    package init(kind: Kind, claim: String, runner: String, writtenAtMs: Int64, expiresAtMs: Int64) {
      self.kind = kind
      self.claim = claim
      self.runner = runner
      self.writtenAtMs = writtenAtMs
      self.expiresAtMs = expiresAtMs
    }
  }

  /// The last successful claim or renewal that was not released; its lease may have run out.
  package private(set) var holder: Entry?

  /// - Parameter entries: in block order.
  package init(_ entries: [Entry]) {
    for entry in entries { apply(entry) }
  }

  private mutating func apply(_ entry: Entry) {
    switch entry.kind {
    case .claim: if isFree(atMs: entry.writtenAtMs) { holder = entry }
    case .renew: if holder?.claim == entry.claim { holder = entry }
    case .release: if holder?.claim == entry.claim { holder = nil }
    }
  }

  package func isFree(atMs time: Int64) -> Bool {
    guard let holder else { return true }
    return holder.expiresAtMs <= time
  }
}
