import Kafka

/// A stretch of one partition's offsets: `from` is in it, `to` is not. Offsets inside may be holes.
package struct OffsetRange: Sendable, Equatable, CustomStringConvertible {
  package let from: Int64
  package let to: Int64

  package init(from: Int64, to: Int64) {
    self.from = from
    self.to = to
  }

  package var description: String { "\(from)..<\(to)" }
}

/// What a range's messages turned out to be.
package struct RangeCounts: Sendable, Equatable {
  /// Rows for `events`.
  package var events: UInt32 = 0
  /// Rows for `dead_letters`.
  package var deadLetters: UInt32 = 0
  /// Tombstones: counted, stored nowhere.
  package var skipped: UInt32 = 0
  /// Parts that the rows make in `events`, one a month: what the insert takes of the deduplication window.
  package var parts: UInt32 = 0
  /// The days (since 1970, UTC) from the first event's to the last one's; nil without events.
  package var days: ClosedRange<Int>?

  package init(
    events: UInt32 = 0, deadLetters: UInt32 = 0, skipped: UInt32 = 0, parts: UInt32 = 0, days: ClosedRange<Int>? = nil
  ) {
    self.events = events
    self.deadLetters = deadLetters
    self.skipped = skipped
    self.parts = parts
    self.days = days
  }

  package var messages: Int { Int(events) + Int(deadLetters) + Int(skipped) }
}

/// A row of `ranges`: "these offsets go in together, as these rows, under the token made of them".
package struct RangeIntent: Sendable, Equatable {
  package let partition: TopicPartition
  package let range: OffsetRange
  package let counts: RangeCounts
  /// Fingerprint of all that decides the rows and their blocks: catalogue, settings, the rule of the borders.
  package let decoder: UInt64
  /// Who wrote the row: one value a collector process.
  package let writer: String

  package init(
    partition: TopicPartition, range: OffsetRange, counts: RangeCounts, decoder: UInt64, writer: String
  ) {
    self.partition = partition
    self.range = range
    self.counts = counts
    self.decoder = decoder
    self.writer = writer
  }

  /// The INSERT's `insert_deduplication_token`: coordinates only, so that whoever repeats the range repeats the token.
  package var token: String { "\(partition)/\(range.from)-\(range.to)" }

  /// Whether repeating `other`'s INSERT with our rows is the same INSERT.
  func sameRows(as other: RangeIntent) -> Bool {
    range == other.range && counts == other.counts && decoder == other.decoder
  }
}

/// A claimed range, and what else the ledger knows that bears on repeating it.
package struct LedgerEntry: Sendable, Equatable {
  /// The first row ever written for its `from`.
  package let intent: RangeIntent
  /// Parts written by all partitions since: if the deduplication window is no larger, the token may be forgotten.
  package let partsSince: UInt64
  /// Somebody set out to reconcile the range: some of its rows may be in without its token.
  package let marked: Bool
  /// Claimed in the run of ClickHouse that is: nothing was sent under the token in an earlier one.
  package let isCurrent: Bool

  package init(intent: RangeIntent, partsSince: UInt64, marked: Bool, isCurrent: Bool) {
    self.intent = intent
    self.partsSince = partsSince
    self.marked = marked
    self.isCurrent = isCurrent
  }

  /// Whether ClickHouse would drop the rows it has, and no others, if the range were sent again under its token.
  func tokenHolds(window: UInt64) -> Bool { !marked && isCurrent && partsSince < window }
}

/// Until when, by ClickHouse's own clock, and in which of its runs an INSERT may begin.
package struct Lease: Sendable, Equatable {
  /// Milliseconds since 1970.
  package let untilMs: Int64
  package let incarnation: Incarnation

  package init(untilMs: Int64, in incarnation: Incarnation) {
    self.untilMs = untilMs
    self.incarnation = incarnation
  }
}
