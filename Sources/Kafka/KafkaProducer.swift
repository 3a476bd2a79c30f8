import CRdKafka

/// What became of one message that was sent.
package struct DeliveryReport: Sendable {
  /// The caller's token, as given to `send`.
  package let token: UInt64
  /// The topic's partition and the offset it was written at; -1 when it was not, or when nobody knows: a broker says of a
  /// retried batch only that it has it already.
  package let partition: Int32
  package let offset: Int64
  /// Nil when every in-sync replica has the message.
  package let error: KafkaError?
}

/// An idempotent producer, `acks=all`: per key in order, no doubles by its own retries.
///
/// Safe from any thread; reports are handed to whoever calls `poll`.
package final class KafkaProducer: Sendable {
  private let client: ClientHandle
  private let queue: QueueHandle

  /// - Throws: `KafkaError` when librdkafka refuses a property.
  package init(_ configuration: KafkaConfiguration) throws(KafkaError) {
    let handle = try configuration.makeHandle(defaults: [
      "enable.idempotence": "true", "acks": "all", "compression.codec": "lz4", "linger.ms": "20",
      "batch.num.messages": "10000", "queue.buffering.max.messages": "200000",
      "queue.buffering.max.kbytes": "131072", "message.max.bytes": "4000000", "socket.nagle.disable": "true",
      "partitioner": "murmur2_random", "client.id": "kartoteka",
    ])
    rd_kafka_conf_set_events(handle, RD_KAFKA_EVENT_DR)
    client = try ClientHandle(RD_KAFKA_PRODUCER, configuration: handle)
    queue = QueueHandle(rd_kafka_queue_get_main(client.pointer), keeping: client)
  }

  /// Queues one message; never blocks. The bytes are copied.
  /// - Parameters:
  ///   - key: chooses the partition (murmur2, as Java's client does); nil for any.
  ///   - partition: overrides the key's choice.
  ///   - timestampMs: the message's Kafka timestamp, milliseconds since 1970; nil for now.
  ///   - headers: travel beside the message.
  ///   - token: comes back in the delivery report.
  /// - Throws: `KafkaError` with `isQueueFull` when `poll` must be called first.
  package func send(
    topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, partition: Int32? = nil,
    timestampMs: Int64? = nil, headers: [KafkaHeader] = [], token: UInt64
  ) throws(KafkaError) {
    let list = KafkaHeader.list(headers)
    let code = topic.withCString { name -> OpaquePointer? in
      var fields = [rd_kafka_vu_t](repeating: rd_kafka_vu_t(), count: 8)
      fields[0].vtype = RD_KAFKA_VTYPE_TOPIC
      fields[0].u.cstr = name
      fields[1].vtype = RD_KAFKA_VTYPE_PARTITION
      fields[1].u.i32 = partition ?? RD_KAFKA_PARTITION_UA
      fields[2].vtype = RD_KAFKA_VTYPE_VALUE
      fields[2].u.mem.ptr = UnsafeMutableRawPointer(mutating: value?.baseAddress)
      fields[2].u.mem.size = value?.count ?? 0
      fields[3].vtype = RD_KAFKA_VTYPE_KEY
      fields[3].u.mem.ptr = UnsafeMutableRawPointer(mutating: key?.baseAddress)
      fields[3].u.mem.size = key?.count ?? 0
      fields[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS
      fields[4].u.i = RD_KAFKA_MSG_F_COPY
      fields[5].vtype = RD_KAFKA_VTYPE_OPAQUE
      fields[5].u.ptr = UnsafeMutableRawPointer(bitPattern: UInt(token))
      fields[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP
      fields[6].u.i64 = timestampMs ?? 0
      fields[7].vtype = RD_KAFKA_VTYPE_HEADERS
      fields[7].u.headers = list
      return rd_kafka_produceva(client.pointer, &fields, list == nil ? 7 : 8)
    }
    // librdkafka takes the headers over only with the message.
    if code != nil, let list { rd_kafka_headers_destroy(list) }
    try check(code, doing: "sending to \(topic)")
  }

  /// Serves delivery reports for at most `timeoutMs`; returns how many came.
  @discardableResult
  package func poll(timeoutMs: Int32, _ report: (DeliveryReport) -> Void = { _ in }) -> Int {
    var served = 0
    var wait = timeoutMs
    while let event = rd_kafka_queue_poll(queue.pointer, wait) {
      defer { rd_kafka_event_destroy(event) }
      wait = 0
      guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR else { continue }
      // An event tells of one batch. Where the broker named no offset, librdkafka counts on from -1: 0, 1, 2 …
      var isPlaced: Bool?
      while let message = rd_kafka_event_message_next(event) {
        let code = message.pointee.err
        let wasPlaced = isPlaced ?? (message.pointee.offset >= 0)
        isPlaced = wasPlaced
        report(
          DeliveryReport(
            token: UInt64(UInt(bitPattern: message.pointee._private)), partition: message.pointee.partition,
            offset: wasPlaced ? message.pointee.offset : -1,
            error: code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code, doing: "delivering a message")))
        served += 1
      }
    }
    return served
  }

  /// Messages not yet reported on.
  package var outstanding: Int { Int(rd_kafka_outq_len(client.pointer)) }

  /// Sends all that is queued and serves reports until none is outstanding or `timeoutMs` is over.
  /// - Returns: how many are still outstanding.
  package func flush(timeoutMs: Int32, _ report: (DeliveryReport) -> Void = { _ in }) -> Int {
    let deadline = ContinuousClock.now + .milliseconds(Int(timeoutMs))
    while outstanding > 0, ContinuousClock.now < deadline {
      _ = rd_kafka_flush(client.pointer, 0)
      poll(timeoutMs: 50, report)
    }
    return outstanding
  }
}

/// A client's queue.
///
/// `@unchecked`: librdkafka's queues are thread-safe, and the pointer never changes.
final class QueueHandle: @unchecked Sendable {
  let pointer: OpaquePointer
  private let client: ClientHandle

  init(_ pointer: OpaquePointer, keeping client: ClientHandle) {
    self.pointer = pointer
    self.client = client
  }

  deinit { rd_kafka_queue_destroy(pointer) }
}
