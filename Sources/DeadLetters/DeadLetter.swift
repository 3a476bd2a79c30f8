/// A row of `dead_letters`, and what became of it since.
package struct DeadLetter: Sendable {
  package let coordinates: LetterCoordinates
  /// Milliseconds since 1970: when Kafka took the message, when ClickHouse took the letter.
  package let kafkaTimestampMs: Int64
  package let receivedAtMs: Int64
  /// As they came; empty where the caller did not ask for them.
  package let key: [UInt8]
  package let value: [UInt8]
  /// Bytes of the whole value, also where `value` holds its beginning only.
  package let valueBytes: Int
  /// The verdict of then.
  package let reason: String
  package let detail: String
  package let replay: ReplayState
}

/// What the ledger of replays says of a letter.
package enum ReplayState: Sendable, Equatable {
  case none
  /// A replay has begun and not ended, or was killed: the next one finds out.
  case begun(atMs: Int64)
  /// Sent once more, at this offset of the same partition.
  case sent(offset: Int64, atMs: Int64)
  /// Settled without sending: the event had come in another way.
  case settled(atMs: Int64)

  /// Whether another replay has nothing left to do.
  package var isOver: Bool {
    switch self {
    case .none, .begun: false
    case .sent, .settled: true
    }
  }
}
