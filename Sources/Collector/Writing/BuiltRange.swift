import Foundation

/// A range decoded into blocks that are ready to send.
struct BuiltRange {
  let intent: RangeIntent
  /// Messages taken from the buffer, and where the first one not taken is.
  let messages: Int
  let end: MessageBuffer.Cursor
  /// When the messages were lent; those that came later are still in the buffer.
  let sealedAt: Date
  /// Bytes of the blocks as they are sent.
  let sentBytes: Int
  /// Events by type, in the catalogue's order, and dead letters by reason code: for the metrics.
  let eventsByType: [(type: String, count: Int)]
  let deadByReason: [(reason: String, count: Int)]
  /// Age of the oldest message when it was lent, by its Kafka timestamp; milliseconds.
  let oldestTimestampMs: Int64
}
