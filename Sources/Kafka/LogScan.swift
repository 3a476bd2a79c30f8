import CRdKafka

/// Reads what a partition holds, from an offset to its end, as no member of any group.
package struct LogScan {
  private let configuration: KafkaConfiguration

  package init(_ configuration: KafkaConfiguration) { self.configuration = configuration }

  /// What a scan came past.
  package struct Found: Sendable, Equatable {
    /// The lowest offset that the partition still has: what lay below was not seen.
    package let low: Int64
    /// The first offset of each value that the header was seen with.
    package let offsets: [String: Int64]
  }

  /// Finds the messages from `offset` on that carry a header, by the header's value (the last, where there are several).
  /// - Parameter timeoutMs: the longest silence of the broker.
  /// - Throws: `KafkaError`, `_TIMED_OUT` among them when the broker falls silent before the end.
  package func headers(
    named name: String, in partition: TopicPartition, from offset: Int64, timeoutMs: Int32
  ) throws(KafkaError) -> Found {
    let doing = "reading \(partition) from offset \(offset)"
    let handle = try configuration.makeHandle(defaults: [
      "client.id": "kartoteka-log-scan", "group.id": "kartoteka-log-scan", "enable.auto.commit": "false",
      "enable.partition.eof": "true", "auto.offset.reset": "error", "fetch.wait.max.ms": "10",
      "allow.auto.create.topics": "false",
    ])
    let client = try ClientHandle(RD_KAFKA_CONSUMER, configuration: handle)
    rd_kafka_poll_set_consumer(client.pointer)
    var low: Int64 = 0
    var hint: Int64 = 0
    let asked = rd_kafka_query_watermark_offsets(
      client.pointer, partition.topic, partition.partition, &low, &hint, timeoutMs)
    guard asked == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(asked, doing: doing) }

    let list = KafkaConsumer.makeList([partition: max(low, offset)])
    defer { rd_kafka_topic_partition_list_destroy(list) }
    let assigned = rd_kafka_assign(client.pointer, list)
    guard assigned == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(assigned, doing: doing) }
    defer { rd_kafka_assign(client.pointer, nil) }
    var offsets: [String: Int64] = [:]
    var deadline = ContinuousClock.now + .milliseconds(Int(timeoutMs))
    while ContinuousClock.now < deadline {
      guard let message = rd_kafka_consumer_poll(client.pointer, 100) else { continue }
      defer { rd_kafka_message_destroy(message) }
      switch message.pointee.err {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        deadline = ContinuousClock.now + .milliseconds(Int(timeoutMs))
        if let value = Self.header(name, of: message), offsets[value] == nil {
          offsets[value] = message.pointee.offset
        }
      case RD_KAFKA_RESP_ERR__PARTITION_EOF: return Found(low: low, offsets: offsets)
      case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: continue
      default: throw KafkaError(message.pointee.err, doing: doing)
      }
    }
    throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: doing)
  }

  private static func header(_ name: String, of message: UnsafePointer<rd_kafka_message_t>) -> String? {
    var headers: OpaquePointer?
    guard rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    var value: UnsafeRawPointer?
    var size = 0
    guard rd_kafka_header_get_last(headers, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let value else {
      return nil
    }
    return String(decoding: UnsafeRawBufferPointer(start: value, count: size), as: UTF8.self)
  }
}
