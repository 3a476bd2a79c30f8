import ClickHouse
import EventSchema
import Foundation
import Kafka

/// Turns a partition's oldest messages into the blocks of one range: rows of `events`, rows of `dead_letters`.
///
/// Keeps its memory from range to range. Confined to one thread.
final class BlockBuilder {
  enum Table: String {
    case events = "events"
    case deadLetters = "dead_letters"
  }

  private let rows: Int
  private let fingerprint: UInt64
  private let writer: String
  private var columns: EventColumns
  private var decoder: EventDecoder
  private var deadLetters = DeadLetterColumns()
  private let encoder = NativeBlockEncoder()
  private let eventFrames = FrameCompressor()
  private let deadFrames = FrameCompressor()
  private var zeros: [UInt32]
  private var partitionNumbers: [Int32]

  /// - Parameters:
  ///   - writer: this process's name in the ledger, a UUID.
  ///   - rows: most events in a range.
  init(settings: EventSettings, writer: String, rows: Int) {
    self.rows = rows
    self.writer = writer
    fingerprint = Catalogue.v1.fingerprint(settings: settings)
    columns = EventColumns(capacity: rows)
    decoder = EventDecoder(settings: settings)
    zeros = Array(repeating: 1, count: rows)
    partitionNumbers = Array(repeating: 0, count: rows)
  }

  /// Decodes messages from the cursor on until the range is full, its end is reached, or none is left.
  ///
  /// What comes out depends on the messages and the arguments alone: no clock, no state of earlier ranges.
  /// - Parameters:
  ///   - from: the range's first offset.
  ///   - to: the range's end, where it is settled already; then rows and bytes do not limit it.
  func build(
    _ partition: TopicPartition, chunks: [MessageChunk], start: MessageBuffer.Cursor, from: Int64, to: Int64?,
    sealedAt: Date
  ) -> BuiltRange {
    columns.reset()
    deadLetters.reset()
    var counts = RangeCounts()
    var cursor = start
    var messages = 0
    var end = from
    var oldest: Int64 = -1
    var dead: [Reason: Int] = [:]
    messages: for position in chunks.indices {
      let chunk = chunks[position]
      if position > 0 { cursor = MessageBuffer.Cursor(chunk: position, byte: 0) }
      while cursor.byte < chunk.used {
        let (message, next) = chunk.message(at: cursor.byte)
        if let to, message.offset >= to { break messages }
        if let value = message.value {
          switch decoder.decode(value, offset: message.offset, kafkaTimestampMs: message.timestampMs, into: columns) {
          case .event: counts.events += 1
          case .invalid(let reason):
            deadLetters.append(message, value, reason: reason.rawValue, detail: decoder.detail)
            dead[reason, default: 0] += 1
            counts.deadLetters += 1
          case .full:
            guard to != nil else { break messages }
            // A range cut by a process with larger limits is not cut anew: make room, begin again.
            columns = EventColumns(capacity: columns.capacity * 2, stringByteLimit: columns.stringByteLimit * 2)
            return build(partition, chunks: chunks, start: start, from: from, to: to, sealedAt: sealedAt)
          }
        } else {
          counts.skipped += 1
        }
        if messages == 0 { oldest = message.timestampMs }
        messages += 1
        end = message.offset + 1
        cursor.byte = next
        if to == nil, counts.messages >= rows || deadLetters.isFull || columns.isFull { break messages }
      }
    }
    counts.parts = columns.occurredAtMs.map { Self.months($0) } ?? 0
    encodeEvents(partition)
    encodeDeadLetters(partition)
    return BuiltRange(
      intent: RangeIntent(
        partition: partition, range: OffsetRange(from: from, to: to ?? end), counts: counts, decoder: fingerprint,
        writer: writer),
      messages: messages, end: cursor, sealedAt: sealedAt,
      sentBytes: frames(of: .events).count + frames(of: .deadLetters).count,
      eventsByType: EventType.allCases.map { ($0.name, columns.rowCount(of: $0)) },
      deadByReason: dead.map { ($0.key.rawValue, $0.value) }, oldestTimestampMs: oldest)
  }

  /// The compressed block of the range last built; valid until the next one is.
  func frames(of table: Table) -> UnsafeRawBufferPointer {
    switch table {
    case .events: eventFrames.frames
    case .deadLetters: deadFrames.frames
    }
  }

  /// Months that the times touch, the most parts that the rows can make.
  private static func months(_ times: ClosedRange<Int64>) -> UInt32 {
    func month(_ ms: Int64) -> Int {
      let day = Int((Double(ms) / 86_400_000).rounded(.down))
      return Int(Double(day) / 30.436875)
    }
    return UInt32(month(times.upperBound) - month(times.lowerBound) + 2)
  }

  private func encodeEvents(_ partition: TopicPartition) {
    eventFrames.reset()
    encoder.begin(columns: Self.eventColumns.count, rows: columns.rowCount)
    encodeCoordinates(partition, rows: columns.rowCount)
    encoder.append(columns, drainingInto: eventFrames)
    eventFrames.append(encoder.bytes)
  }

  private func encodeDeadLetters(_ partition: TopicPartition) {
    let rows = deadLetters.count
    encoder.begin(columns: Self.deadLetterColumns.count, rows: rows)
    encodeCoordinates(partition, rows: rows)
    deadLetters.encode(into: encoder)
    deadFrames.reset()
    deadFrames.append(encoder.bytes)
  }

  /// Topic and partition, the same for every row.
  private func encodeCoordinates(_ partition: TopicPartition, rows: Int) {
    if rows > zeros.count {
      zeros = Array(repeating: 1, count: rows)
      partitionNumbers = Array(repeating: 0, count: rows)
    }
    var name = partition.topic
    let ends: [UInt32] = [0, UInt32(name.utf8.count)]
    ends.withUnsafeBufferPointer { ends in
      name.withUTF8 { bytes in
        zeros.withUnsafeBufferPointer { indices in
          encoder.append(
            lowCardinality: "topic", ends: ends, bytes: UnsafeRawBufferPointer(bytes),
            indices: UnsafeBufferPointer(rebasing: indices[..<rows]))
        }
      }
    }
    if partitionNumbers.first != partition.partition {
      partitionNumbers.withUnsafeMutableBufferPointer { $0.update(repeating: partition.partition) }
    }
    partitionNumbers.withUnsafeBytes { bytes in
      encoder.append(
        fixed: "kafka_partition", type: "Int32", bytes: UnsafeRawBufferPointer(rebasing: bytes[..<(rows * 4)]))
    }
  }

  // MARK: - What the tables look like from here

  /// Name and type of each column sent to `events`, in the block's order.
  static let eventColumns: [(name: String, type: String)] =
    coordinates + Catalogue.v1.columns.map { ($0.name, $0.type.clickHouseName) }

  static let deadLetterColumns: [(name: String, type: String)] = coordinates + DeadLetterColumns.columns

  private static let coordinates = [("topic", "LowCardinality(String)"), ("kafka_partition", "Int32")]

  private static func columns(of table: Table) -> [(name: String, type: String)] {
    switch table {
    case .events: eventColumns
    case .deadLetters: deadLetterColumns
    }
  }

  private static let eventNames = names(eventColumns)
  private static let eventStructure = structure(eventColumns)
  private static let deadNames = names(deadLetterColumns)
  private static let deadStructure = structure(deadLetterColumns)

  private static func names(_ columns: [(name: String, type: String)]) -> String {
    columns.map(\.name).joined(separator: ", ")
  }

  private static func structure(_ columns: [(name: String, type: String)]) -> String {
    columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ").clickHouseQuoted
  }

  /// The columns as an INSERT lists them.
  func columnNames(of table: Table) -> String { table == .events ? Self.eventNames : Self.deadNames }

  /// The columns as `input()` declares them, inside a string literal.
  func structure(of table: Table) -> String { table == .events ? Self.eventStructure : Self.deadStructure }
}
