import CRdKafka

/// Finds where a partition truly ends.
///
/// Apache Kafka answers ListOffsets with the next message's offset. Tansu answers with the newest batch's first offset
/// plus one, however many messages the batch holds. So reading goes on from the answer until the broker says that the
/// log ends: no message on Kafka, at most one batch on Tansu.
struct LogEnds {
  private let client: ClientHandle

  init(_ configuration: KafkaConfiguration) throws(KafkaError) {
    let handle = try configuration.makeHandle(defaults: [
      "client.id": "kartoteka-log-ends", "group.id": "kartoteka-log-ends", "enable.auto.commit": "false",
      "enable.partition.eof": "true", "auto.offset.reset": "error", "fetch.wait.max.ms": "10",
      "allow.auto.create.topics": "false",
    ])
    client = try ClientHandle(RD_KAFKA_CONSUMER, configuration: handle)
    rd_kafka_poll_set_consumer(client.pointer)
  }

  /// Lowest offset present and the offset the next message will get.
  func read(_ partition: TopicPartition, timeoutMs: Int32) throws(KafkaError) -> (low: Int64, high: Int64) {
    let doing = "asking for the ends of \(partition)"
    let deadline = ContinuousClock.now + .milliseconds(Int(timeoutMs))
    var low: Int64 = 0
    var hint: Int64 = 0
    let code = rd_kafka_query_watermark_offsets(
      client.pointer, partition.topic, partition.partition, &low, &hint, timeoutMs)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, doing: doing) }

    let list = KafkaConsumer.makeList([partition: hint])
    defer { rd_kafka_topic_partition_list_destroy(list) }
    let assigned = rd_kafka_assign(client.pointer, list)
    guard assigned == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(assigned, doing: doing) }
    defer { rd_kafka_assign(client.pointer, nil) }
    while ContinuousClock.now < deadline {
      guard let message = rd_kafka_consumer_poll(client.pointer, 100) else { continue }
      defer { rd_kafka_message_destroy(message) }
      switch message.pointee.err {
      case RD_KAFKA_RESP_ERR__PARTITION_EOF: return (low, message.pointee.offset)
      case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: continue
      default: throw KafkaError(message.pointee.err, doing: doing)
      }
    }
    throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: doing)
  }
}
