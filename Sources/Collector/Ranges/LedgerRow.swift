/// A row of `ranges`, as the ledger has it.
package struct LedgerRow: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// The range's end is proposed; an INSERT may follow at once.
    case claim
    /// Its writer goes on inserting under the claim's token.
    case renewal
    /// Its writer reconciles the range.
    case mark
  }

  package let intent: RangeIntent
  package let isMark: Bool
  /// Place in the order of arrival.
  package let place: UInt64
  /// By ClickHouse's clock, milliseconds since 1970.
  package let createdMs: Int64
  /// Until then an INSERT that its writer sent under it may run.
  package let expiresMs: Int64
  /// The run of ClickHouse in which it was written, and in which alone such an INSERT is taken; nil for none.
  package let incarnation: Incarnation?

  package init(
    intent: RangeIntent, isMark: Bool, place: UInt64, createdMs: Int64, expiresMs: Int64, incarnation: Incarnation?
  ) {
    self.intent = intent
    self.isMark = isMark
    self.place = place
    self.createdMs = createdMs
    self.expiresMs = expiresMs
    self.incarnation = incarnation
  }
}
