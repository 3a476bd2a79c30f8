/// A column of `analytics.events` that decoding an event fills, in the table's order.
///
/// The table has four more: `topic` and `kafka_partition` are the same for a whole block and come from its sender,
/// `ingested_at` is the server's.
public enum EventColumn: Int, CaseIterable, Sendable, Hashable {
  case kafkaOffset
  case eventID, eventType, eventVersion, occurredAt, producer
  case eventTime
  case userID, sessionID, deckID, cardID, courseID, enrollmentID, resultID, authorID
  case totalCardsSeen, learnedCards, durationSec, answerTimeMs, cardsTotal, cardsCorrect, totalTimeSec
  case rating, completed, correct, progressPercent, correctRate
  case email, emailHash, emailDomain
  case title, timezone, orderIndex
  case sincePreviousSec, scheduledDays, stability, retrievability, dueAt

  /// The column's name in the table.
  public var name: String { declaration.0 }

  /// The column's type.
  public var type: ColumnType { declaration.1 }

  /// Place in `allCases`, 0-based.
  public var index: Int { rawValue }

  /// The columns that hold NULL where a value is not known, in the table's order.
  static let nullable = allCases.filter { if case .nullable = $0.type.storage { true } else { false } }

  private var declaration: (String, ColumnType) {
    switch self {
    case .kafkaOffset: ("kafka_offset", .int64)
    case .eventID: ("event_id", .uuid)
    case .eventType: ("event_type", .lowCardinalityString)
    case .eventVersion: ("event_version", .uint16)
    case .occurredAt: ("occurred_at", .dateTime64)
    case .producer: ("producer", .lowCardinalityString)
    case .eventTime: ("event_time", .dateTime64)
    case .userID: ("user_id", .uint64)
    case .sessionID: ("session_id", .uint64)
    case .deckID: ("deck_id", .uint64)
    case .cardID: ("card_id", .uint64)
    case .courseID: ("course_id", .uint64)
    case .enrollmentID: ("enrollment_id", .uint64)
    case .resultID: ("result_id", .uint64)
    case .authorID: ("author_id", .uint64)
    case .totalCardsSeen: ("total_cards_seen", .uint32)
    case .learnedCards: ("learned_cards", .uint32)
    case .durationSec: ("duration_sec", .uint32)
    case .answerTimeMs: ("answer_time_ms", .uint32)
    case .cardsTotal: ("cards_total", .uint32)
    case .cardsCorrect: ("cards_correct", .uint32)
    case .totalTimeSec: ("total_time_sec", .uint32)
    case .rating: ("rating", .uint8)
    case .completed: ("completed", .bool)
    case .correct: ("correct", .bool)
    case .progressPercent: ("progress_percent", .float64)
    case .correctRate: ("correct_rate", .float64)
    case .email: ("email", .string)
    case .emailHash: ("email_hash", .uint64)
    case .emailDomain: ("email_domain", .lowCardinalityString)
    case .title: ("title", .string)
    case .timezone: ("timezone", .lowCardinalityString)
    case .orderIndex: ("order_index", .uint32)
    case .sincePreviousSec: ("since_previous_sec", .nullableUInt32)
    case .scheduledDays: ("scheduled_days", .nullableUInt32)
    case .stability: ("stability", .nullableFloat64)
    case .retrievability: ("retrievability", .nullableFloat64)
    case .dueAt: ("due_at", .nullableDateTime64)
    }
  }
}

/// The ClickHouse types the event columns use.
public enum ColumnType: String, Sendable, Hashable {
  case int64 = "Int64"
  case uint8 = "UInt8"
  case uint16 = "UInt16"
  case uint32 = "UInt32"
  case uint64 = "UInt64"
  case float64 = "Float64"
  case bool = "Bool"
  case uuid = "UUID"
  case dateTime64 = "DateTime64(3, 'UTC')"
  case string = "String"
  case lowCardinalityString = "LowCardinality(String)"
  case nullableUInt32 = "Nullable(UInt32)"
  case nullableFloat64 = "Nullable(Float64)"
  case nullableDateTime64 = "Nullable(DateTime64(3, 'UTC'))"

  /// The type as ClickHouse spells it in `system.columns` and in Native blocks.
  public var clickHouseName: String { rawValue }

  /// How `EventColumns` holds the values.
  public var storage: ColumnStorage {
    switch self {
    case .uint8, .bool: .fixed(width: 1)
    case .uint16: .fixed(width: 2)
    case .uint32: .fixed(width: 4)
    case .nullableUInt32: .nullable(width: 4)
    case .int64, .uint64, .float64, .dateTime64: .fixed(width: 8)
    case .nullableFloat64, .nullableDateTime64: .nullable(width: 8)
    case .uuid: .fixed(width: 16)
    case .string: .string
    case .lowCardinalityString: .lowCardinality
    }
  }
}

/// How a column's values lie in memory.
public enum ColumnStorage: Sendable, Hashable {
  /// `width` bytes a row, in the layout of a Native block.
  case fixed(width: Int)
  /// The same, and whether each row's value is known; where it is not, the bytes are zero.
  case nullable(width: Int)
  /// One run of bytes and the end offset of each row.
  case string
  /// A dictionary whose entry 0 is the empty string, and an index a row.
  case lowCardinality
}
