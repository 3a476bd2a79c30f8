import Kafka

/// A collector's place in its consumer group.
struct ConsumerMembership: GroupMembership {
  let committer: OffsetCommitter

  /// The group refuses the commit of a member it has put out.
  func prove(_ partition: TopicPartition, at offset: Int64) throws(StepFailure) {
    do { try committer.commit([partition: offset], wait: true) } catch { throw .kafka(error) }
  }

  func commit(_ partition: TopicPartition, end: Int64) { try? committer.commit([partition: end], wait: false) }
}
