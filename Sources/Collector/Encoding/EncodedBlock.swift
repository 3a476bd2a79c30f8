/// A stretch of one partition's messages, decoded and encoded: ranges are put together from such blocks.
///
/// Its rows, and where it ends, depend on the messages alone, counted from the range's first: whoever makes a range's blocks
/// again makes the same ones (`CollectorLimits.borderRule`). Only a range's last block may be shorter than the rule says.
package struct EncodedBlock: Sendable {
  /// The first message's offset, and one past the last one's.
  package let offsets: OffsetRange
  package let events: Int
  package let deadLetters: Int
  /// Tombstones.
  package let skipped: Int
  /// It ends because it is full; another block of its range may follow it.
  package let isWhole: Bool
  /// First and last `occurred_at`, milliseconds since 1970; nil without events.
  package let occurredAtMs: ClosedRange<Int64>?
  /// Native blocks in LZ4 frames, empty where there are no rows.
  package let eventFrames: [UInt8]
  package let deadLetterFrames: [UInt8]
  /// Events by type, in the catalogue's order, and dead letters by reason code: for the metrics.
  package let eventsByType: [Int]
  package let deadByReason: [String: Int]
  /// Events whose `event_id` was seen before at another offset.
  package let repeats: Int
  /// Bytes of the messages it was made of.
  package let messageBytes: Int
  /// The first message's Kafka timestamp, milliseconds since 1970.
  package let oldestTimestampMs: Int64

  package init(
    offsets: OffsetRange, events: Int, deadLetters: Int, skipped: Int, isWhole: Bool,
    occurredAtMs: ClosedRange<Int64>?, eventFrames: [UInt8], deadLetterFrames: [UInt8], eventsByType: [Int],
    deadByReason: [String: Int], repeats: Int,
    messageBytes: Int, oldestTimestampMs: Int64
  ) {
    self.offsets = offsets
    self.events = events
    self.deadLetters = deadLetters
    self.skipped = skipped
    self.isWhole = isWhole
    self.occurredAtMs = occurredAtMs
    self.eventFrames = eventFrames
    self.deadLetterFrames = deadLetterFrames
    self.eventsByType = eventsByType
    self.deadByReason = deadByReason
    self.repeats = repeats
    self.messageBytes = messageBytes
    self.oldestTimestampMs = oldestTimestampMs
  }

  package var messages: Int { events + deadLetters + skipped }
  /// Memory held.
  package var bytes: Int { eventFrames.count + deadLetterFrames.count }

  func frames(of table: BlockTable) -> [UInt8] { table == .events ? eventFrames : deadLetterFrames }
}
