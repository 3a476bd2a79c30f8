import Collector
import Testing

@Suite struct BlockQueueTests {
  private func block(_ from: Int64, _ to: Int64) -> EncodedBlock {
    EncodedBlock(
      offsets: OffsetRange(from: from, to: to), events: Int(to - from) - 1, deadLetters: 0, skipped: 1, isWhole: true,
      occurredAtMs: from...to, eventFrames: [UInt8](repeating: 1, count: 10), deadLetterFrames: [],
      eventsByType: [], deadByReason: [:], repeats: 0, messageBytes: 100, oldestTimestampMs: from)
  }

  private func queue() -> BlockQueue {
    var queue = BlockQueue()
    for (from, to) in [(0, 10), (12, 20), (20, 30)] as [(Int64, Int64)] { queue.append(block(from, to)) }
    return queue
  }

  @Test func blocksAreFoundUpToARangesEnd() {
    let queue = queue()
    #expect(queue.blocks(before: .max)?.count == 3)
    #expect(queue.blocks(before: 20)?.map(\.offsets.to) == [10, 20])
    #expect(queue.blocks(before: 12)?.count == 1, "a hole lies before")
    #expect(queue.blocks(before: 11)?.count == 1)
    #expect(queue.blocks(before: 0)?.isEmpty == true)
  }

  @Test func aBlockThatReachesBeyondTheEndIsNoPartOfTheRange() {
    #expect(queue().blocks(before: 15) == nil)
    #expect(queue().blocks(before: 5) == nil)
  }

  @Test func removedBlocksAreNoLongerCounted() {
    var queue = queue()
    #expect((queue.messages, queue.bytes, queue.messageBytes) == (28, 30, 300))
    queue.removeBlocks(before: 20)
    #expect((queue.messages, queue.bytes, queue.messageBytes) == (10, 10, 100))
    queue.removeBlocks(before: .max)
    #expect((queue.messages, queue.bytes, queue.messageBytes) == (0, 0, 0))
  }
}
