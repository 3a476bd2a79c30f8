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

  package func token(of intent: RangeIntent) -> String {
    index == 0 ? intent.token : "\(intent.token)/reconciled-\(index)"
  }

  /// A mark in the ledger: somebody set out to reconcile the range.
  package struct Mark {
    let writer: String
    let atMs: Int64
    let partsSince: UInt64

    package init(writer: String, atMs: Int64, partsSince: UInt64) {
      self.writer = writer
      self.atMs = atMs
      self.partsSince = partsSince
    }
  }

  /// The epochs of a range, oldest first.
  /// - Parameters:
  ///   - claimPartsSince: parts written since the claim.
  ///   - marks: in the order of arrival. A writer that marks again goes on with its epoch …
  ///   - window: … unless so many parts were written since its first mark that its token may be forgotten.
  package static func all(claimPartsSince: UInt64, marks: [Mark], window: UInt64) -> [ReconcileEpoch] {
    var epochs = [ReconcileEpoch(index: 0, writer: "", beginMs: 0, partsSince: claimPartsSince)]
    for mark in marks {
      if let last = epochs.last, mark.writer == last.writer, last.partsSince < mark.partsSince + window { continue }
      // The server's clock was set back: rows of two epochs could not be told apart. Its writer marks again.
      if epochs.contains(where: { $0.index > 0 && $0.beginMs == mark.atMs }) { continue }
      epochs.append(
        ReconcileEpoch(index: epochs.count, writer: mark.writer, beginMs: mark.atMs, partsSince: mark.partsSince))
    }
    return epochs
  }
}
