import ClickHouse
import EventSchema
import Kafka

/// Turns a partition's messages into blocks: rows of `events`, rows of `dead_letters`.
///
/// Keeps its memory from block to block. Confined to one thread.
package final class BlockEncoder: RangeEncoder {
  private static let rows = CollectorLimits.blockRows

  /// Fingerprint of all that decides the rows and their blocks: the catalogue, the settings, the rule of the borders.
  package let fingerprint: UInt64
  private let columns = EventColumns(capacity: rows, stringByteLimit: CollectorLimits.blockStringBytes)
  private var decoder: EventDecoder
  private var deadLetters = DeadLetterColumns()
  private let repeats: RepeatCounter
  private let encoder = NativeBlockEncoder()
  private let compressor = FrameCompressor()
  private let ones = [UInt32](repeating: 1, count: rows)
  private var partitionNumbers = [Int32](repeating: 0, count: rows)

  package init(settings: EventSettings, repeats: RepeatCounter) {
    fingerprint = SipHash(k0: Catalogue.v1.fingerprint(settings: settings), k1: 0).hash(CollectorLimits.borderRule)
    decoder = EventDecoder(settings: settings)
    self.repeats = repeats
  }

  /// Decodes messages from `cursor` on until the block is full, its end is reached, or none is left; moves `cursor` on.
  ///
  /// What comes out depends on the messages alone: no clock, no state of earlier blocks.
  /// - Parameters:
  ///   - limit: most messages to take, where that is less than a whole block: it is the range's last then.
  ///   - to: the offset to end before, where that is settled.
  /// - Returns: nil when there was no message to take.
  package func encode(
    _ partition: TopicPartition, _ chunks: [MessageChunk], from cursor: inout MessageBuffer.Position, limit: Int,
    to: Int64?
  ) -> EncodedBlock? {
    columns.reset()
    deadLetters.reset()
    var (events, dead, skipped, bytes) = (0, 0, 0, 0)
    var deadByReason: [String: Int] = [:]
    var first: (offset: Int64, timestampMs: Int64)?
    var end: Int64 = 0
    messages: while cursor.chunk < chunks.count {
      let chunk = chunks[cursor.chunk]
      while cursor.byte < chunk.used {
        if events + dead + skipped >= limit || isWhole(messages: events + dead + skipped, bytes: bytes) {
          break messages
        }
        let (message, next) = chunk.message(at: cursor.byte)
        if let to, message.offset >= to { break messages }
        if let value = message.value {
          switch decoder.decode(value, offset: message.offset, kafkaTimestampMs: message.timestampMs, into: columns) {
          case .event: events += 1
          case .invalid(let reason):
            deadLetters.append(message, value, reason: reason.rawValue, detail: decoder.detail)
            deadByReason[reason.rawValue, default: 0] += 1
            dead += 1
          case .full:
            precondition(first != nil, "an empty block has room for any message")
            break messages
          }
        } else {
          skipped += 1
        }
        if first == nil { first = (message.offset, message.timestampMs) }
        end = message.offset + 1
        bytes += next - cursor.byte
        cursor.byte = next
      }
      if cursor.chunk + 1 == chunks.count { break }
      cursor = MessageBuffer.Position(chunk: cursor.chunk + 1, byte: 0)
    }
    guard let first else { return nil }
    return EncodedBlock(
      offsets: OffsetRange(from: first.offset, to: end), events: events, deadLetters: dead, skipped: skipped,
      isWhole: isWhole(messages: events + dead + skipped, bytes: bytes), occurredAtMs: columns.occurredAtMs,
      eventFrames: encodeEvents(partition),
      deadLetterFrames: encodeDeadLetters(partition),
      eventsByType: EventType.allCases.map { columns.rowCount(of: $0) }, deadByReason: deadByReason,
      repeats: repeats.count(columns), messageBytes: bytes, oldestTimestampMs: first.timestampMs)
  }

  /// The rule of the borders: whether the block that has been gathered is full (`CollectorLimits.borderRule`).
  @inline(__always) private func isWhole(messages: Int, bytes: Int) -> Bool {
    messages >= Self.rows || bytes >= CollectorLimits.blockMessageBytes || deadLetters.isFull || columns.isFull
  }

  private func encodeEvents(_ partition: TopicPartition) -> [UInt8] {
    guard columns.rowCount > 0 else { return [] }
    compressor.reset()
    encoder.begin(columns: BlockTable.events.columns.count, rows: columns.rowCount)
    encodeCoordinates(partition, rows: columns.rowCount)
    encoder.append(columns, drainingInto: compressor)
    compressor.append(encoder.bytes)
    return Array(compressor.frames)
  }

  private func encodeDeadLetters(_ partition: TopicPartition) -> [UInt8] {
    guard deadLetters.count > 0 else { return [] }
    encoder.begin(columns: BlockTable.deadLetters.columns.count, rows: deadLetters.count)
    encodeCoordinates(partition, rows: deadLetters.count)
    deadLetters.encode(into: encoder)
    return Array(compressor.compress(encoder.bytes))
  }

  /// Topic and partition, the same for every row.
  private func encodeCoordinates(_ partition: TopicPartition, rows: Int) {
    var name = partition.topic
    let ends: [UInt32] = [0, UInt32(name.utf8.count)]
    ends.withUnsafeBufferPointer { ends in
      name.withUTF8 { bytes in
        ones.withUnsafeBufferPointer { indices in
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
}
