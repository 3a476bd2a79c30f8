/// Reads messages straight into columns.
///
/// A verdict, and the row it makes, is a pure function of the message's bytes, its Kafka timestamp and the settings.
public struct EventDecoder: ~Copyable {
  /// Raised whenever the same bytes may give another verdict or row; enters the catalogue's fingerprint.
  static let revision = 1

  /// Bytes that must be readable after a message given to `decode`; what they hold does not matter.
  public static let padding = 32
  /// The longest message read, in bytes.
  public static let maxMessageBytes = 1 << 20
  /// The deepest nesting read; the envelope itself is 1.
  public static let maxDepth = 64
  /// 2000-01-01T00:00:00Z, the earliest time taken, in milliseconds since 1970.
  public static let earliestTimeMs: Int64 = 946_684_800_000
  /// How far ahead of its message's Kafka timestamp a time may be, in milliseconds.
  public static let maxAheadMs: Int64 = 86_400_000

  public let settings: EventSettings

  public init(catalogue: Catalogue = .v1, settings: EventSettings = EventSettings()) {
    self.settings = settings
  }

  /// Decodes one message and appends its row when it is a valid event.
  ///
  /// - Parameters:
  ///   - bytes: the message's value, with `padding` readable bytes after it.
  ///   - offset: its Kafka offset.
  ///   - kafkaTimestampMs: its Kafka timestamp, milliseconds since 1970; negative when it has none, then only times past
  ///     2299 are in the future.
  public mutating func decode(
    _ bytes: UnsafeRawBufferPointer, offset: Int64, kafkaTimestampMs: Int64, into columns: EventColumns
  ) -> Verdict { .full }

  /// The same for bytes without padding; copies them.
  public mutating func decode(
    _ bytes: [UInt8], offset: Int64, kafkaTimestampMs: Int64, into columns: EventColumns
  ) -> Verdict { .full }

  /// Where the last invalid message was at fault: a field such as `payload.user_id`, or `byte 17`; empty after a valid
  /// one.
  public var detail: String { "" }
}
