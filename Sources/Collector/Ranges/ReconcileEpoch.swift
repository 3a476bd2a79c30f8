/// A stretch of a range's history in which one writer inserted under one token.
///
/// The first began with the claim; each further one with the mark of another writer. An epoch inserts only rows that no other
/// has, and stamps them with its beginning, so what it sent can be told and be sent again under its token: a table drops what
/// it has, a view that ClickHouse's end kept from it takes it.
package struct ReconcileEpoch: Sendable, Equatable {
  /// 0 for the claim's.
  package let index: Int
  /// Empty for the claim's, in which whoever has the claim's rows may insert.
  package let writer: String
  /// By ClickHouse's clock, milliseconds since 1970: the `ingested_at` of its rows. The claim's rows have any other.
  package let beginMs: Int64
  /// Parts written by all partitions since: if the deduplication window is no larger, the token may be forgotten.
  package let partsSince: UInt64
  /// The run of ClickHouse in which it began; nil for none. In that run, what it sent may be repeated under its token; in a later
  /// one, what is in the table of it is behind the views already.
  package let incarnation: Incarnation?

  package func token(of intent: RangeIntent) -> String {
    index == 0 ? intent.token : "\(intent.token)/reconciled-\(index)"
  }

  /// A mark in the ledger: somebody set out to reconcile the range.
  package struct Mark {
    let writer: String
    let atMs: Int64
    let partsSince: UInt64
    let incarnation: Incarnation?

    package init(writer: String, atMs: Int64, partsSince: UInt64, incarnation: Incarnation?) {
      self.writer = writer
      self.atMs = atMs
      self.partsSince = partsSince
      self.incarnation = incarnation
    }
  }

  /// The epochs of a range, oldest first.
  /// - Parameters:
  ///   - claim: the claim, as a mark of nobody.
  ///   - marks: in the order of arrival. A writer that marks again in the same run of ClickHouse goes on with its epoch …
  ///   - window: … unless so many parts were written since its first mark that its token may be forgotten.
  package static func all(claim: Mark, marks: [Mark], window: UInt64) -> [ReconcileEpoch] {
    var epochs = [
      ReconcileEpoch(index: 0, writer: "", beginMs: 0, partsSince: claim.partsSince, incarnation: claim.incarnation)
    ]
    for mark in marks {
      if let last = epochs.last, mark.writer == last.writer, mark.incarnation == last.incarnation,
        last.partsSince < mark.partsSince + window
      {
        continue
      }
      // The server's clock was set back: rows of two epochs could not be told apart. Its writer marks again.
      if epochs.contains(where: { $0.index > 0 && $0.beginMs == mark.atMs }) { continue }
      epochs.append(
        ReconcileEpoch(
          index: epochs.count, writer: mark.writer, beginMs: mark.atMs, partsSince: mark.partsSince,
          incarnation: mark.incarnation))
    }
    return epochs
  }
}
