import Foundation
import Kafka

/// One assigned partition: its messages, its machine, and whether a worker is on it.
package struct Lane {
  package let partition: TopicPartition
  /// Tells this tenure of the partition from an earlier one.
  let tenure: UInt64
  var machine: RangeMachine
  /// The oldest messages, encoded; `buffer` has those after them.
  var queue = BlockQueue()
  var buffer = MessageBuffer()
  package var busy = false
  /// Where the next message is awaited; earlier ones are in ClickHouse or buffered already.
  var nextOffset: Int64
  /// Where the partition's log ended, when a message last came.
  package var logEnd: Int64 = 0
  /// When the oldest buffered message came.
  var oldest: Date?
  /// A worker gave the lane back until then.
  var notBefore: Date?
  /// By ClickHouse's clock, when the partition was taken over; milliseconds since 1970.
  let takenOverAtMs: Int64

  package init(partition: TopicPartition, tenure: UInt64, machine: RangeMachine, takenOverAtMs: Int64) {
    self.partition = partition
    self.tenure = tenure
    self.machine = machine
    self.takenOverAtMs = takenOverAtMs
    nextOffset = machine.readFrom
  }

  var isEmpty: Bool { messages == 0 }
  var messages: Int { queue.messages + buffer.messages }
  /// Memory held, in bytes.
  var bytes: Int { queue.bytes + buffer.bytes }
  /// Messages that are in Kafka, as far as is known, and not here.
  var unread: Int64 { max(0, logEnd - nextOffset) }

  /// The oldest message's Kafka timestamp in milliseconds since 1970; nil without messages.
  var oldestTimestampMs: Int64? { queue.blocks.first?.oldestTimestampMs ?? buffer.oldestTimestampMs }
}

/// All lanes, and what they share.
package struct Lanes {
  package var lanes: [Lane] = []
  /// Index of each lane, by topic number and partition, for the polling thread.
  private var index: [[Int]] = []
  var pool: ChunkPool
  /// Memory held, and how much of it by messages that are not encoded yet.
  var bytes = 0
  var messageBytes = 0
  var nextTenure: UInt64 = 1
  /// Flush all that is buffered, whatever its age.
  var draining = false
  /// A lane was given up: all partitions are to be taken over anew.
  var takeOverWanted = false
  /// Workers shall end.
  var closed = false

  /// - Parameter keptChunks: most chunks of memory kept for later messages.
  package init(keptChunks: Int) { pool = ChunkPool(keep: keptChunks) }

  /// Finds the lane of a message; nil for a partition that is no longer ours.
  mutating func lane(topic: Int, partition: Int32, name: (Int) -> String) -> Int? {
    while index.count <= topic { index.append([]) }
    let partition = Int(partition)
    while index[topic].count <= partition { index[topic].append(-1) }
    let known = index[topic][partition]
    if known >= 0 { return known }
    let wanted = TopicPartition(topic: name(topic), partition: Int32(partition))
    guard let found = lanes.firstIndex(where: { $0.partition == wanted }) else { return nil }
    index[topic][partition] = found
    return found
  }

  package mutating func append(_ message: borrowing BorrowedMessage, to lane: Int, now: Date) {
    // A partition read again from an earlier offset (a reset) brings messages that are in already.
    guard message.offset >= lanes[lane].nextOffset else { return }
    lanes[lane].nextOffset = message.offset + 1
    if lanes[lane].oldest == nil { lanes[lane].oldest = now }
    let grown = lanes[lane].buffer.append(message, pool: &pool)
    bytes += grown
    messageBytes += grown
  }

  /// Lends a lane's messages to the worker that has it; nil when it is no longer ours.
  mutating func lend(
    _ partition: TopicPartition, tenure: UInt64
  ) -> (chunks: [MessageChunk], start: MessageBuffer.Cursor)? {
    guard let lane = position(of: partition, tenure: tenure) else { return nil }
    return (lanes[lane].buffer.seal(), lanes[lane].buffer.start)
  }

  /// Puts a block in the place of the messages that it was made of, which end at `cursor`.
  mutating func absorb(_ block: EncodedBlock, to cursor: MessageBuffer.Cursor, in lane: Int) {
    let before = lanes[lane].buffer.bytes
    lanes[lane].buffer.consume(block.messages, to: cursor, pool: &pool)
    lanes[lane].queue.append(block)
    messageBytes += lanes[lane].buffer.bytes - before
    bytes += lanes[lane].buffer.bytes - before + block.bytes
  }

  /// Drops what a worker has finished.
  mutating func finish(_ built: BuiltRange, of lane: Int) {
    bytes -= lanes[lane].bytes
    lanes[lane].queue.removeBlocks(before: built.intent.range.to)
    bytes += lanes[lane].bytes
    lanes[lane].oldest = lanes[lane].isEmpty ? nil : built.cutAt
  }

  /// Gives a lane up: its messages are to be read again, from where its chain ends by then.
  mutating func abandon(_ lane: Int) {
    bytes -= lanes[lane].bytes
    messageBytes -= lanes[lane].buffer.bytes
    lanes.remove(at: lane)
    index = []
    takeOverWanted = true
  }

  mutating func replaceAll(with new: [Lane]) {
    lanes = new
    index = []
    bytes = 0
    messageBytes = 0
    takeOverWanted = false
  }

  func position(of partition: TopicPartition, tenure: UInt64) -> Int? {
    lanes.firstIndex { $0.partition == partition && $0.tenure == tenure }
  }

  mutating func takeTenure() -> UInt64 {
    defer { nextTenure += 1 }
    return nextTenure
  }

  /// Something is being inserted, or could be.
  var hasWork: Bool {
    lanes.contains { lane in
      if lane.busy { return true }
      switch lane.machine.step(bufferedTo: lane.buffer.endOffset, due: true) {
      case .wait, .halt: return false
      // Waiting for an earlier owner's leases to end may take longer than a stop can wait.
      default: return lane.notBefore == nil
      }
    }
  }

  /// Where each lane's rows end that are in for certain.
  var finishedOffsets: [TopicPartition: Int64] {
    var offsets: [TopicPartition: Int64] = [:]
    for lane in lanes {
      if case .filling(let from) = lane.machine.state, from > 0 { offsets[lane.partition] = from }
    }
    return offsets
  }
}
