import Collector
import EventSchema
import Kafka
import Testing

/// The blocks of a range are a function of its messages, however and whenever those arrive.
@Suite struct BlockBorderTests {
  private let partition = TopicPartition(topic: "learning.events", partition: 3)

  private struct Message {
    let offset: Int64
    let value: [UInt8]?
  }

  private func messages(_ count: Int, _ random: inout SeededGenerator) -> [Message] {
    var offset: Int64 = 7
    return (0..<count).map { number in
      offset += Int.random(in: 0..<50, using: &random) == 0 ? 3 : 1
      let value: String? =
        switch Int.random(in: 0..<40, using: &random) {
        case 0: nil
        case 1: "poison \(number)"
        case 2: #"{"a":""# + String(repeating: "x", count: Int.random(in: 0...60_000, using: &random)) + #""}"#
        default:
          #"{"event_id":"00000000-0000-4000-8000-"# + String(format12(number))
            + #"","event_type":"user_logged_in","event_version":1,"occured_at":"2026-01-02T03:04:05Z","#
            + #""producer":"p\#(number % 7)","payload":{"user_id":\#(number + 1),"logged_in_at":"2026-01-02T03:04:05Z"}}"#
        }
      return Message(offset: offset, value: value.map { Array($0.utf8) })
    }
  }

  private func format12(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }

  private func append(_ message: Message, to buffer: inout MessageBuffer, _ pool: inout ChunkPool) {
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    if let value = message.value {
      value.withUnsafeBytes { value in
        _ = buffer.append(
          BorrowedMessage(
            partition: 3, offset: message.offset, timestampMs: 1_800_000_000_000, key: none, value: value),
          pool: &pool)
      }
    } else {
      _ = buffer.append(
        BorrowedMessage(partition: 3, offset: message.offset, timestampMs: 1_800_000_000_000, key: none, value: nil),
        pool: &pool)
    }
  }

  /// Encodes whole blocks as soon as there are enough messages, at moments the seed chooses, and the rest at the end.
  private func blocks(_ messages: [Message], _ random: inout SeededGenerator, eager: Bool) -> [EncodedBlock] {
    let encoder = BlockEncoder(settings: EventSettings(), repeats: RepeatCounter(events: 0))
    var (buffer, pool) = (MessageBuffer(), ChunkPool(keep: Int.random(in: 0...4, using: &random)))
    var blocks: [EncodedBlock] = []
    func encode() -> Bool {
      var cursor = buffer.start
      guard let block = encoder.encode(partition, buffer.seal(), from: &cursor, limit: .max, to: nil) else {
        return false
      }
      buffer.consume(block.messages, bytes: block.messageBytes, to: cursor, pool: &pool)
      blocks.append(block)
      return true
    }
    for message in messages {
      append(message, to: &buffer, &pool)
      let isEnough =
        buffer.messages >= CollectorLimits.blockRows || buffer.messageBytes >= CollectorLimits.blockMessageBytes
      if eager, isEnough, Int.random(in: 0..<600, using: &random) == 0 { _ = encode() }
      // A lent chunk is sealed, so that the messages lie in others than they would.
      if eager, Int.random(in: 0..<300, using: &random) == 0 { _ = buffer.seal() }
    }
    while encode() {}
    return blocks
  }

  @Test(arguments: 0..<6 as Range<UInt64>) func anyArrivalMakesTheSameBlocks(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let messages = messages(Int.random(in: 1...20_000, using: &random), &random)
    let expected = blocks(messages, &random, eager: false)
    for _ in 0..<3 {
      let found = blocks(messages, &random, eager: true)
      #expect(found.map(\.offsets) == expected.map(\.offsets), "seed \(seed)")
      #expect(found.map(\.eventFrames) == expected.map(\.eventFrames), "seed \(seed)")
      #expect(found.map(\.deadLetterFrames) == expected.map(\.deadLetterFrames), "seed \(seed)")
    }
    let whole = expected.dropLast().filter(\.isWhole).count
    #expect(whole == expected.count - 1)
  }
}
