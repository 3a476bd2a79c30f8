import Blocking
import Kafka

/// All lanes, and what they share.
package struct Lanes {
  package var lanes: [Lane] = []
  /// Index of each lane, by topic number and partition, for the polling thread.
  private var index: [[Int]] = []
  var pool: ChunkPool
  /// Memory held, and how much of it by messages that are not encoded yet.
  package private(set) var bytes = 0
  package private(set) var messageBytes = 0
  private var nextAssignment: UInt64 = 1
  /// Flush all that is buffered, whatever its age.
  package var draining = false
  /// A lane was given up: all partitions are to be taken over anew.
  package private(set) var takeOverWanted = false
  /// Workers shall end.
  package var closed = false
  private var random = SystemRandomNumberGenerator()

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

  package mutating func append(
    _ message: borrowing BorrowedMessage, to lane: Int, now: ContinuousClock.Instant
  ) {
    // A partition read again from an earlier offset (a reset) brings messages that are in already.
    guard message.offset >= lanes[lane].nextOffset, lanes[lane].takesMessages else { return }
    if message.offset > lanes[lane].nextOffset { lanes[lane].noteGap(before: message.offset) }
    lanes[lane].nextOffset = message.offset + 1
    if lanes[lane].oldest == nil { lanes[lane].oldest = KeptInstant(now) }
    let grown = lanes[lane].buffer.append(message, pool: &pool)
    bytes += grown
    messageBytes += grown
  }

  /// Lends a lane's messages to the worker that has it; nil when it is no longer ours.
  mutating func lend(
    _ partition: TopicPartition, assignment: UInt64
  ) -> (chunks: [MessageChunk], start: MessageBuffer.Position)? {
    guard let lane = position(of: partition, assignment: assignment) else { return nil }
    return (lanes[lane].buffer.seal(), lanes[lane].buffer.start)
  }

  /// Puts a block in the place of the messages that it was made of, which end at `cursor`.
  mutating func absorb(_ block: EncodedBlock, to cursor: MessageBuffer.Position, in lane: Int) {
    let before = lanes[lane].buffer.bytes
    lanes[lane].buffer.consume(block.messages, bytes: block.messageBytes, to: cursor, pool: &pool)
    lanes[lane].queue.append(block)
    messageBytes += lanes[lane].buffer.bytes - before
    bytes += lanes[lane].buffer.bytes - before + block.bytes
  }

  /// Drops what a worker has finished.
  mutating func finish(_ built: BuiltRange, of lane: Int) {
    bytes -= lanes[lane].bytes
    lanes[lane].queue.removeBlocks(before: built.intent.range.to)
    bytes += lanes[lane].bytes
    lanes[lane].oldest = lanes[lane].isEmpty ? nil : built.cut
    lanes[lane].built = nil
  }

  /// Takes in what happened to a lane.
  mutating func take(
    _ event: LaneState.Event, of lane: Int, at now: ContinuousClock.Instant, retry: RetryPolicy
  ) -> LaneState.Action {
    let action = lanes[lane].state.take(event, at: now, retry: retry, using: &random)
    lanes[lane].takesMessages = lanes[lane].state.phase != .givenUp
    if action == .takeOver { drop(lane) }
    return action
  }

  /// Drops a lane's messages, which are to be read again from where its chain ends by then.
  private mutating func drop(_ lane: Int) {
    bytes -= lanes[lane].bytes
    messageBytes -= lanes[lane].buffer.bytes
    lanes[lane].queue = BlockQueue()
    lanes[lane].buffer = MessageBuffer()
    lanes[lane].built = nil
    lanes[lane].oldest = nil
    takeOverWanted = true
  }

  package mutating func replaceAll(with new: [Lane]) {
    lanes = new
    index = []
    bytes = 0
    messageBytes = 0
    takeOverWanted = false
  }

  package func position(of partition: TopicPartition, assignment: UInt64) -> Int? {
    lanes.firstIndex { $0.partition == partition && $0.assignment == assignment }
  }

  package mutating func takeAssignment() -> UInt64 {
    defer { nextAssignment += 1 }
    return nextAssignment
  }

  /// Something is being inserted, or could be.
  package var hasWork: Bool { lanes.contains { $0.hasWork } }

  /// Where each lane's rows end that are in for certain.
  var finishedOffsets: [TopicPartition: Int64] {
    var offsets: [TopicPartition: Int64] = [:]
    for lane in lanes {
      if case .filling(let from) = lane.machine.state, from > 0 { offsets[lane.partition] = from }
    }
    return offsets
  }
}
