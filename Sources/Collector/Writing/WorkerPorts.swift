import Kafka

// What a worker's steps need of the world. The collector gives them ClickHouse, Kafka and a clock; the simulation gives
// them a ClickHouse that forgets, dies and answers late.

/// Makes blocks of messages. Confined to one thread.
package protocol RangeEncoder: AnyObject {
  /// Of all that decides the rows and the blocks' borders.
  var fingerprint: UInt64 { get }
  /// Encodes messages from `cursor` on until the block is full, its end is reached, or none is left; moves `cursor` on.
  /// - Returns: nil when there was no message to take.
  func encode(
    _ partition: TopicPartition, _ chunks: [MessageChunk], from cursor: inout MessageBuffer.Position, limit: Int,
    to: Int64?
  ) -> EncodedBlock?
}

/// The INSERTs of a range. Confined to one thread.
package protocol RangeInserter: AnyObject {
  /// Inserts the range's dead letters and events under its token. Harmless to repeat while the token is remembered.
  /// - Returns: false when ClickHouse refused to begin, because the lease is over.
  func insert(_ range: BuiltRange, _ lease: Lease) throws(StepFailure) -> Bool
  /// Completes a range whose token does not hold. The last of `epochs` is ours.
  /// - Returns: false when ClickHouse refused to begin, because the lease is over.
  func reconcile(
    _ range: BuiltRange, _ lease: Lease, _ epochs: [ReconcileEpoch], window: UInt64
  ) throws(StepFailure) -> Bool
}

/// Rows of the table `ranges`, in the order in which ClickHouse took them. Confined to one thread.
package protocol LedgerStore: AnyObject {
  /// Writes a row, which is created now and expires with the leases that begin now.
  func append(_ kind: LedgerRow.Kind, _ intent: RangeIntent) throws(StepFailure)
  /// All rows at `from`, or at the partition's last, oldest first, and ClickHouse as it was then.
  func rows(of partition: TopicPartition, from: Int64?) throws(StepFailure) -> (rows: [LedgerRow], server: LedgerServer)
  /// Parts that the ranges claimed or marked after that row make.
  func partsWritten(after row: LedgerRow) throws(StepFailure) -> UInt64
  /// Tells the INSERTs of the range that are under way, whoever sent them, to end.
  /// - Returns: how many there were.
  func endInserts(of intent: RangeIntent) throws(StepFailure) -> Int
}

/// ClickHouse, as it was when the ledger was read.
package struct LedgerServer: Sendable {
  /// By its clock, milliseconds since 1970.
  package let nowMs: Int64
  /// Its run; nil before it was recovered.
  package let incarnation: Incarnation?

  package init(nowMs: Int64, incarnation: Incarnation?) {
    self.nowMs = nowMs
    self.incarnation = incarnation
  }
}

/// Our place in the consumer group. Any thread.
package protocol GroupMembership: Sendable {
  /// Throws when the group has put us out, or does not answer.
  func prove(_ partition: TopicPartition, at offset: Int64) throws(StepFailure)
  /// Commits the end of what is in. May be lost.
  func commit(_ partition: TopicPartition, end: Int64)
}

/// What the outside hears of a worker. Any thread.
package protocol WorkerReport: Sendable {
  func flushed(_ built: BuiltRange, after duration: Duration)
  func failed(_ partition: TopicPartition?, _ error: any Error)
  func halted(_ partition: TopicPartition, _ why: String)
  func reconciling(_ intent: RangeIntent)
  /// The rollups are equal to `events` since ClickHouse has started; they differed on so many days.
  func recovered(days: Int)
}
