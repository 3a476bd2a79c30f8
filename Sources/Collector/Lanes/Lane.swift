import Kafka

/// One assigned partition: its messages, its range's machine, and what is being done with it.
package struct Lane {
  package let partition: TopicPartition
  /// Tells this assignment of the partition from an earlier one.
  package let assignment: UInt64
  package internal(set) var machine: RangeMachine
  package var state = LaneState()
  /// The oldest messages, encoded as whole blocks of the range to come; `buffer` has those after them.
  package internal(set) var queue = BlockQueue()
  package internal(set) var buffer = MessageBuffer()
  /// The range that the machine is taking in, ready to send.
  var built: BuiltRange?
  /// Where the next message is awaited; earlier ones are in ClickHouse or buffered already.
  package internal(set) var nextOffset: Int64
  /// Where the partition's log ended, when a message last came.
  package var logEnd: Int64 = 0
  /// The largest stretch of offsets that nothing came from since it was last asked for.
  var gap: OffsetRange?
  /// When the oldest buffered message came; nil without messages.
  var oldest: KeptInstant?
  /// Nothing is appended to a lane that was given up.
  var takesMessages = true

  /// - Parameter logStart: the lowest offset that Kafka still has.
  package init(partition: TopicPartition, assignment: UInt64, machine: RangeMachine, logStart: Int64 = 0) {
    self.partition = partition
    self.assignment = assignment
    self.machine = machine
    nextOffset = max(logStart, machine.readFrom)
  }

  var isEmpty: Bool { messages == 0 }
  package var messages: Int { queue.messages + buffer.messages }
  /// Bytes of the messages, encoded ones included.
  var messageBytes: Int { queue.messageBytes + buffer.messageBytes }
  /// Memory held, in bytes.
  package var bytes: Int { queue.bytes + buffer.bytes }
  /// Messages that are in Kafka, as far as is known, and not here.
  var unread: Int64 { max(0, logEnd - nextOffset) }

  /// The oldest message's Kafka timestamp in milliseconds since 1970; nil without messages.
  var oldestTimestampMs: Int64? { queue.blocks.first?.oldestTimestampMs ?? buffer.oldestTimestampMs }

  /// Nothing came from `nextOffset` to `offset`: a hole in the log, or messages that were deleted before they were read.
  mutating func noteGap(before offset: Int64) {
    let new = OffsetRange(from: nextOffset, to: offset)
    if gap.map({ $0.to - $0.from < new.to - new.from }) ?? true { gap = new }
  }

  /// What a whole block may be encoded of now, though its range is not cut yet: where it must end.
  var encodable: (yes: Bool, to: Int64?) {
    let (gathers, to) = machine.gathering
    guard gathers, queue.isOpen else { return (false, nil) }
    return (to.map { to in buffer.startOffset.map { $0 < to } ?? false } ?? true, to)
  }

  /// Something is being done with it, or could be without waiting for others' leases.
  var hasWork: Bool {
    if state.isBusy { return true }
    switch machine.step(bufferedTo: buffer.endOffset, due: true) {
    case .wait, .halt: return false
    default:
      if case .waiting = state.phase { return state.isFailing }
      return state.phase == .idle
    }
  }
}
