import CRdKafka
import Glibc

/// One message, lent for the duration of a callback.
package struct BorrowedMessage {
  package let partition: Int32
  package let offset: Int64
  /// Milliseconds since 1970; -1 when the broker has none.
  package let timestampMs: Int64
  package let key: UnsafeRawBufferPointer
  /// Nil for a tombstone.
  package let value: UnsafeRawBufferPointer?

  package init(
    partition: Int32, offset: Int64, timestampMs: Int64, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?
  ) {
    self.partition = partition
    self.offset = offset
    self.timestampMs = timestampMs
    self.key = key
    self.value = value
  }
}

/// What a group tells its member.
package enum GroupChange: Sendable {
  /// The partitions now ours. Nothing is read before `assign`.
  case assigned([TopicPartition])
  /// The partitions to give back. `lost`: the group has given them to another already.
  case revoked([TopicPartition], lost: Bool)
}

/// A group member that reads in batches. All calls but `commit` belong to one thread.
///
/// It never leaves its group: when it ends, the group goes on without it after its session, as after a crash. A broker has been
/// seen (Tansu 0.6) to keep as the leader one who left while the group was forming, and to assign nothing from then on.
///
/// Offsets are never stored by librdkafka: the caller commits what it knows to be done, and says where to read from.
/// Not `Sendable` by choice: the polling thread owns it; `committer` may travel.
package final class KafkaConsumer {
  private let configuration: KafkaConfiguration
  private let client: ClientHandle
  private let queue: QueueHandle
  private let heard = HeardNews()
  private let batch: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
  private let batchCapacity: Int
  private var fetched = 0
  /// Topics met, by number. A handful: searched in turn.
  private var topicNames: [String] = []

  /// Collects what the rebalance callback hears, which librdkafka runs inside our own poll.
  private final class HeardNews {
    var changes: [GroupChange] = []
    var errors: [KafkaError] = []
  }

  /// - Parameters:
  ///   - group: the consumer group's id.
  ///   - batch: most messages a poll hands over.
  package init(_ configuration: KafkaConfiguration, group: String, batch: Int = 4096) throws(KafkaError) {
    let handle = try configuration.makeHandle(defaults: [
      "group.id": group, "enable.auto.commit": "false", "enable.auto.offset.store": "false",
      "auto.offset.reset": "earliest", "session.timeout.ms": "6000", "heartbeat.interval.ms": "1500",
      "max.poll.interval.ms": "120000", "partition.assignment.strategy": "range", "fetch.wait.max.ms": "100",
      "fetch.error.backoff.ms": "100", "fetch.message.max.bytes": "262144", "fetch.max.bytes": "16777216",
      // A full queue is looked at again soon: librdkafka's own second makes it half as fast.
      "queued.min.messages": "100000", "queued.max.messages.kbytes": "16384", "fetch.queue.backoff.ms": "5",
      "allow.auto.create.topics": "false", "client.id": "kartoteka-collector",
      "check.crcs": "true", "reconnect.backoff.max.ms": "2000", "topic.metadata.refresh.interval.ms": "10000",
      "socket.nagle.disable": "true",
    ])
    rd_kafka_conf_set_opaque(handle, Unmanaged.passUnretained(heard).toOpaque())
    rd_kafka_conf_set_rebalance_cb(handle) { client, code, partitions, opaque in
      guard let opaque, let partitions else { return }
      let box = Unmanaged<HeardNews>.fromOpaque(opaque).takeUnretainedValue()
      let list = TopicPartition.list(partitions)
      if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
        // Reading begins in `assign`, once the caller knows where each partition's next range begins.
        box.changes.append(.assigned(list))
        let none = rd_kafka_topic_partition_list_new(0)
        rd_kafka_assign(client, none)
        rd_kafka_topic_partition_list_destroy(none)
      } else {
        box.changes.append(.revoked(list, lost: rd_kafka_assignment_lost(client) != 0))
        rd_kafka_assign(client, nil)
      }
    }
    rd_kafka_conf_set_error_cb(handle) { _, code, reason, opaque in
      guard let opaque else { return }
      let box = Unmanaged<HeardNews>.fromOpaque(opaque).takeUnretainedValue()
      box.errors.append(
        KafkaError(
          rd_kafka_resp_err_t(rawValue: code), doing: "talking to the brokers",
          detail: reason.map { String(cString: $0) }))
    }
    self.configuration = configuration
    client = try ClientHandle(RD_KAFKA_CONSUMER, configuration: handle)
    rd_kafka_poll_set_consumer(client.pointer)
    queue = QueueHandle(rd_kafka_queue_get_consumer(client.pointer), keeping: client)
    batchCapacity = batch
    self.batch = .allocate(capacity: batch)
    self.batch.initialize(repeating: nil, count: batch)
  }

  deinit {
    drain { _, _ in }
    batch.deallocate()
  }

  package func subscribe(_ topics: [String]) throws(KafkaError) {
    let list = rd_kafka_topic_partition_list_new(Int32(topics.count))
    defer { rd_kafka_topic_partition_list_destroy(list) }
    for topic in topics { rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA) }
    let code = rd_kafka_subscribe(client.pointer, list)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, doing: "subscribing to \(topics)") }
  }

  /// Starts reading exactly these partitions, each at its offset.
  package func assign(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
    let list = Self.makeList(offsets)
    defer { rd_kafka_topic_partition_list_destroy(list) }
    let code = rd_kafka_assign(client.pointer, list)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, doing: "assigning partitions") }
  }

  package func pause(_ partitions: [TopicPartition]) {
    withList(partitions) { _ = rd_kafka_pause_partitions(client.pointer, $0) }
  }

  package func resume(_ partitions: [TopicPartition]) {
    withList(partitions) { _ = rd_kafka_resume_partitions(client.pointer, $0) }
  }

  /// The topic that `drain` means by an index.
  package func name(ofTopic index: Int) -> String { topicNames[index] }

  /// Waits at most `timeoutMs` for messages; `drain` then lends them.
  /// - Returns: how many there are, failed reads included.
  package func fetch(timeoutMs: Int32) -> Int {
    drain { _, _ in }
    fetched = max(0, rd_kafka_consume_batch_queue(queue.pointer, timeoutMs, batch, batchCapacity))
    return fetched
  }

  /// Lends every fetched message to `body`, with its topic's index, and gives it back to librdkafka.
  package func drain(_ body: (_ topic: Int, _ message: borrowing BorrowedMessage) -> Void) {
    // Within a batch each message keeps its topic's handle alive, so neighbours of one handle are of one topic. From batch to
    // batch only the name is trusted: librdkafka may have given a handle's address to another topic.
    var last: (handle: OpaquePointer?, number: Int) = (nil, -1)
    for index in 0..<fetched {
      guard let message = batch[index] else { continue }
      let m = message.pointee
      if m.err == RD_KAFKA_RESP_ERR_NO_ERROR {
        if m.rkt != last.handle { last = (m.rkt, topicNumber(m.rkt)) }
        body(
          last.number,
          BorrowedMessage(
            partition: m.partition, offset: m.offset, timestampMs: rd_kafka_message_timestamp(message, nil),
            key: UnsafeRawBufferPointer(start: m.key, count: m.key_len),
            value: m.payload.map { UnsafeRawBufferPointer(start: $0, count: m.len) }))
      } else if m.err != RD_KAFKA_RESP_ERR__PARTITION_EOF {
        let text = m.payload.map { String(cString: $0.assumingMemoryBound(to: CChar.self)) }
        heard.errors.append(KafkaError(m.err, doing: "reading", detail: text))
      }
      rd_kafka_message_destroy(message)
    }
    fetched = 0
  }

  /// What the group and the brokers have said since the last call, in order.
  package func takeEvents() -> (changes: [GroupChange], errors: [KafkaError]) {
    defer {
      heard.changes.removeAll()
      heard.errors.removeAll()
    }
    return (heard.changes, heard.errors)
  }

  /// Offsets the group has committed; nil where there is none.
  package func committed(_ partitions: [TopicPartition], timeoutMs: Int32) throws(KafkaError) -> [TopicPartition: Int64]
  {
    let list = Self.makeList(Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }))
    defer { rd_kafka_topic_partition_list_destroy(list) }
    let code = rd_kafka_committed(client.pointer, list, timeoutMs)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, doing: "reading the group's offsets") }
    var found: [TopicPartition: Int64] = [:]
    for index in 0..<Int(list.pointee.cnt) {
      let element = list.pointee.elems[index]
      if element.err != RD_KAFKA_RESP_ERR_NO_ERROR {
        throw KafkaError(element.err, doing: "reading the group's offsets")
      }
      if element.offset >= 0 {
        found[TopicPartition(topic: String(cString: element.topic), partition: element.partition)] = element.offset
      }
    }
    return found
  }

  /// Lowest offset present, and at most the next message's offset: Tansu names its newest batch's first one.
  package func watermarks(of partition: TopicPartition, timeoutMs: Int32) throws(KafkaError) -> (
    low: Int64, atLeast: Int64
  ) {
    var low: Int64 = 0
    var high: Int64 = 0
    let code = rd_kafka_query_watermark_offsets(
      client.pointer, partition.topic, partition.partition, &low, &high, timeoutMs)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw KafkaError(code, doing: "asking for the ends of \(partition)")
    }
    return (low, high)
  }

  /// The offset the next message will get, found by reading where the broker's word for it is not exact.
  package func logEnd(of partition: TopicPartition, timeoutMs: Int32) throws(KafkaError) -> Int64 {
    try LogEnds(configuration).read(partition, timeoutMs: timeoutMs).high
  }

  /// The partitions' ends as known without asking, from any thread.
  package var ends: PartitionEnds { PartitionEnds(client) }

  /// Commits from any thread.
  package var committer: OffsetCommitter { OffsetCommitter(client) }

  private func topicNumber(_ handle: OpaquePointer?) -> Int {
    guard let handle, let name = rd_kafka_topic_name(handle) else { return -1 }
    if let known = topicNames.firstIndex(where: { $0.withCString { strcmp($0, name) == 0 } }) { return known }
    topicNames.append(String(cString: name))
    return topicNames.count - 1
  }

  static func makeList(
    _ offsets: [TopicPartition: Int64]
  ) -> UnsafeMutablePointer<rd_kafka_topic_partition_list_t> {
    // rd_kafka_topic_partition_list_new returns nil only when malloc does.
    let list = rd_kafka_topic_partition_list_new(Int32(offsets.count))!
    for (partition, offset) in offsets {
      rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition).pointee.offset = offset
    }
    return list
  }

  private func withList(
    _ partitions: [TopicPartition], _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> Void
  ) {
    guard !partitions.isEmpty else { return }
    let list = Self.makeList(Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }))
    defer { rd_kafka_topic_partition_list_destroy(list) }
    body(list)
  }
}

/// What the last fetches told of the partitions' ends.
package struct PartitionEnds: Sendable {
  private let client: ClientHandle

  init(_ client: ClientHandle) { self.client = client }

  /// The offset after the newest message; nil before the first fetch.
  package func end(of partition: TopicPartition) -> Int64? {
    var low: Int64 = 0
    var high: Int64 = 0
    let code = rd_kafka_get_watermark_offsets(client.pointer, partition.topic, partition.partition, &low, &high)
    return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
  }
}

/// A consumer's commits, which other threads make.
package struct OffsetCommitter: Sendable {
  private let client: ClientHandle

  init(_ client: ClientHandle) { self.client = client }

  /// Commits what is done. With `wait` it is also a proof of membership: a member that the group has put out is refused.
  package func commit(_ offsets: [TopicPartition: Int64], wait: Bool) throws(KafkaError) {
    let list = KafkaConsumer.makeList(offsets)
    defer { rd_kafka_topic_partition_list_destroy(list) }
    let code = rd_kafka_commit(client.pointer, list, wait ? 0 : 1)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, doing: "committing offsets") }
    guard wait else { return }
    for index in 0..<Int(list.pointee.cnt) where list.pointee.elems[index].err != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw KafkaError(list.pointee.elems[index].err, doing: "committing offsets")
    }
  }
}

extension TopicPartition {
  static func list(_ pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> [TopicPartition] {
    (0..<Int(pointer.pointee.cnt)).map { index in
      let element = pointer.pointee.elems[index]
      return TopicPartition(topic: String(cString: element.topic), partition: element.partition)
    }
  }
}
