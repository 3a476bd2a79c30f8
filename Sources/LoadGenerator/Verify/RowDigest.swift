import EventSchema

/// What identifies a row, and a number that changes with its contents.
///
/// The checksum of a set of rows is the sum modulo 2^64 of one term a row:
/// `(2·low + 1) · (high + partition·P + offset·O + content)`, where high and low are the halves of `event_id`, and content
/// is the sum of each column's value times the column's multiplier. Sums do not depend on order, odd random factors keep
/// the errors of two rows from cancelling out, and ClickHouse computes the same with its own wrapping integers (`sql`).
package struct RowDigest: Sendable, Hashable {
  package var high: UInt64 = 0
  package var low: UInt64 = 0
  package var content: UInt64 = 0

  package init(high: UInt64, low: UInt64, content: UInt64) {
    self.high = high
    self.low = low
    self.content = content
  }

  package init() {}

  /// The digest of an event as its row will hold it.
  package init(_ event: Event) {
    high = event.id.high
    low = event.id.low
    var sum = Self.term(.occurredAt, UInt64(bitPattern: event.occurredAtMs))
    event.payload.forEachValue { column, value in sum &+= Self.term(column, value) }
    content = sum
  }

  /// The digest of the one row that a decoder has made.
  package init(decoded columns: EventColumns) {
    high = Self.word(columns, .eventID, 0)
    low = Self.word(columns, .eventID, 8)
    var sum: UInt64 = 0
    for column in Self.contentColumns { sum &+= Self.term(column, Self.value(columns, column)) }
    content = sum
  }

  /// The first row's value as 64 bits, by the rule of `EventPayload.forEachValue`.
  private static func value(_ columns: EventColumns, _ column: EventColumn) -> UInt64 {
    switch column.type.storage {
    case .fixed: return word(columns, column, 0)
    case .nullable(let width):
      return columns.withColumn(column) { values in
        guard case .nullable(let nulls, let bytes) = values, nulls[0] == 0 else { return 0 }
        var word: UInt64 = 0
        for index in 0..<width { word |= UInt64(bytes[index]) &<< UInt64(8 * index) }
        return word &+ 1
      }
    case .string, .lowCardinality:
      return columns.withColumn(column) { values in
        switch values {
        case .string(let ends, let bytes): return textValue(UnsafeRawBufferPointer(rebasing: bytes[..<Int(ends[0])]))
        case .lowCardinality(let ends, let bytes, let indices):
          let entry = Int(indices[0])
          let start = entry == 0 ? 0 : Int(ends[entry - 1])
          return textValue(UnsafeRawBufferPointer(rebasing: bytes[start..<Int(ends[entry])]))
        case .fixed, .nullable: return 0
        }
      }
    }
  }

  /// A string as 64 bits: its `sipHash64`, and 0 when it is empty.
  static func textValue(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    bytes.isEmpty ? 0 : SipHash(k0: 0, k1: 0).hash(bytes)
  }

  /// Up to eight bytes of the first row's value in a fixed-width column, as a number.
  private static func word(_ columns: EventColumns, _ column: EventColumn, _ byteOffset: Int) -> UInt64 {
    columns.withColumn(column) { values in
      guard case .fixed(let bytes) = values, case .fixed(let width) = column.type.storage else { return 0 }
      var word: UInt64 = 0
      for index in 0..<min(8, width) { word |= UInt64(bytes[byteOffset + index]) &<< UInt64(8 * index) }
      return word
    }
  }

  /// The row's term, once it is known where the message was written.
  package func term(partition: Int32, offset: Int64) -> UInt64 {
    (low &<< 1 | 1)
      &* (high &+ UInt64(bitPattern: Int64(partition)) &* Self.partitionFactor
        &+ UInt64(bitPattern: offset) &* Self.offsetFactor &+ content)
  }

  /// The term of a row of `dead_letters`.
  package static func deadLetterTerm(partition: Int32, offset: Int64) -> UInt64 {
    (UInt64(bitPattern: offset) &<< 1 | 1) &* (UInt64(bitPattern: Int64(partition)) &+ 1) &* offsetFactor
  }

  package static let deadLetterSQL =
    "sumWithOverflow((toUInt64(kafka_offset) * 2 + 1) * (toUInt64(kafka_partition) + 1) * toUInt64(\(offsetFactor)))"

  /// The checksum as a ClickHouse expression over rows of `events`.
  package static var sql: String {
    let half = { (start: Int) in "reinterpretAsUInt64(reverse(substring(UUIDToNum(event_id), \(start), 8)))" }
    var inner =
      "\(half(1)) + toUInt64(kafka_partition) * toUInt64(\(partitionFactor)) + toUInt64(kafka_offset) * toUInt64(\(offsetFactor))"
    for column in contentColumns { inner += " + \(value(column)) * toUInt64(\(factor(column)))" }
    return "sumWithOverflow((\(half(9)) * 2 + 1) * (\(inner)))"
  }

  /// The columns whose values enter `content`.
  static let contentColumns: [EventColumn] = [
    .occurredAt, .eventTime, .userID, .sessionID, .deckID, .cardID, .courseID, .enrollmentID, .resultID, .authorID,
    .totalCardsSeen, .learnedCards, .durationSec, .answerTimeMs, .cardsTotal, .cardsCorrect, .totalTimeSec, .rating,
    .completed, .correct, .progressPercent, .correctRate, .title, .timezone, .orderIndex, .sincePreviousSec,
    .scheduledDays, .stability, .retrievability, .dueAt,
  ]

  private static func value(_ column: EventColumn) -> String {
    let name = column.name
    return switch column.type {
    case .dateTime64: "toUInt64(toUnixTimestamp64Milli(\(name)))"
    case .float64: "reinterpretAsUInt64(\(name))"
    case .nullableDateTime64: "ifNull(toUInt64(toUnixTimestamp64Milli(\(name))) + 1, 0)"
    case .nullableFloat64: "ifNull(reinterpretAsUInt64(\(name)) + 1, 0)"
    case .nullableUInt32: "ifNull(toUInt64(\(name)) + 1, 0)"
    case .string, .lowCardinalityString: "if(\(name) = '', 0, sipHash64(\(name)))"
    default: "toUInt64(\(name))"
    }
  }

  private static let partitionFactor: UInt64 = 0x9E37_79B9_7F4A_7C15
  private static let offsetFactor: UInt64 = 0xD6E8_FEB8_6659_FD93

  private static func term(_ column: EventColumn, _ value: UInt64) -> UInt64 { value &* factors[column.index] }
  private static func factor(_ column: EventColumn) -> UInt64 { factors[column.index] }
  private static let factors = EventColumn.allCases.map { SeededGenerator.mix(UInt64($0.index + 1)) | 1 }
}

extension EventPayload {
  /// Each column the payload fills, with its value as 64 bits: numbers as they are, times in milliseconds, Bool as 0 or 1,
  /// Float64 as its bits, strings as their hash; one more for what a nullable column knows, which 0 is told from so. What is
  /// absent is a zero, and need not be mentioned.
  func forEachValue(_ body: (EventColumn, UInt64) -> Void) {
    func time(_ ms: Int64) { body(.eventTime, UInt64(bitPattern: ms)) }
    func text(_ column: EventColumn, _ text: String?) {
      guard var text else { return }
      body(column, text.withUTF8 { RowDigest.textValue(UnsafeRawBufferPointer($0)) })
    }
    func known(_ column: EventColumn, _ value: UInt64?) { if let value { body(column, value &+ 1) } }
    switch self {
    case .learningSessionStarted(let session, let user, let deck, let at):
      body(.sessionID, session)
      body(.userID, user)
      body(.deckID, deck)
      time(at)
    case .learningSessionFinished(
      let session, let user, let deck, let at, let seen, let learned, let duration, let done):
      body(.sessionID, session)
      body(.userID, user)
      body(.deckID, deck)
      body(.totalCardsSeen, UInt64(seen))
      body(.learnedCards, UInt64(learned))
      body(.durationSec, UInt64(duration))
      body(.completed, done ? 1 : 0)
      time(at)
    case .courseCreated(let course, let author, let at, let title),
      .courseUpdated(let course, let author, let at, let title):
      body(.courseID, course)
      body(.authorID, author)
      time(at)
      text(.title, title)
    case .courseDeckAdded(let course, let deck, let place, let at):
      body(.courseID, course)
      body(.deckID, deck)
      body(.orderIndex, UInt64(place))
      time(at)
    case .courseDeckRemoved(let course, let deck, let at):
      body(.courseID, course)
      body(.deckID, deck)
      time(at)
    case .coursePublished(let course, let author, let at), .courseUnpublished(let course, let author, let at),
      .courseDeleted(let course, let author, let at):
      body(.courseID, course)
      body(.authorID, author)
      time(at)
    case .courseEnrolled(let enrollment, let course, let user, let at):
      body(.enrollmentID, enrollment ?? 0)
      body(.courseID, course)
      body(.userID, user)
      time(at)
    case .courseUnenrolled(let enrollment, let course, let user, let at),
      .courseCompleted(let enrollment, let course, let user, let at):
      body(.enrollmentID, enrollment)
      body(.courseID, course)
      body(.userID, user)
      time(at)
    case .courseProgressUpdated(let course, let user, let deck, let percent, let at):
      body(.courseID, course)
      body(.userID, user)
      body(.deckID, deck)
      body(.progressPercent, percent.bitPattern)
      time(at)
    case .deckCreated(let deck, let author, let at, let title), .deckUpdated(let deck, let author, let at, let title),
      .deckDeleted(let deck, let author, let at, let title):
      body(.deckID, deck)
      body(.authorID, author)
      time(at)
      text(.title, title)
    case .cardCreated(let card, let deck, let at), .cardUpdated(let card, let deck, let at),
      .cardDeleted(let card, let deck, let at):
      body(.cardID, card)
      body(.deckID, deck)
      time(at)
    case .userLoggedIn(let user, let at, let timezone):
      body(.userID, user)
      time(at)
      text(.timezone, timezone)
    case .userRegistered(let user, _, let at), .userDeleted(let user, let at), .userErased(let user, let at):
      body(.userID, user)
      time(at)
    case .cardAnswered(
      let session, let user, let deck, let card, let correct, let answerTime, let rating, let at, let schedule):
      body(.sessionID, session)
      body(.userID, user)
      body(.deckID, deck)
      body(.cardID, card)
      body(.correct, correct ? 1 : 0)
      body(.answerTimeMs, UInt64(answerTime))
      body(.rating, UInt64(rating ?? 0))
      time(at)
      known(.sincePreviousSec, schedule.sincePreviousSec.map(UInt64.init))
      known(.scheduledDays, schedule.scheduledDays.map(UInt64.init))
      known(.stability, schedule.stability?.bitPattern)
      known(.retrievability, schedule.retrievability?.bitPattern)
      known(.dueAt, schedule.dueAtMs.map(UInt64.init(bitPattern:)))
    case .testCompleted(let result, let user, let deck, let total, let correct, let rate, let seconds, let at):
      body(.resultID, result)
      body(.userID, user)
      body(.deckID, deck)
      body(.cardsTotal, UInt64(total))
      body(.cardsCorrect, UInt64(correct))
      body(.correctRate, rate.bitPattern)
      body(.totalTimeSec, UInt64(seconds))
      time(at)
    }
  }
}
