import CRdKafka

/// librdkafka's own broker of a few lines, which fails as it is told. It has a topic `events` of one partition.
///
/// `@unchecked`: librdkafka's handles are thread-safe, and the pointers never change.
package final class MockBroker: @unchecked Sendable {
  private let client: OpaquePointer
  private let cluster: OpaquePointer

  package init() {
    var text = [CChar](repeating: 0, count: 512)
    guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), &text, text.count),
      let cluster = rd_kafka_mock_cluster_new(client, 1)
    else { preconditionFailure("librdkafka makes no mock cluster") }
    self.client = client
    self.cluster = cluster
    rd_kafka_mock_topic_create(cluster, "events", 1, 1)
  }

  deinit {
    rd_kafka_mock_cluster_destroy(cluster)
    rd_kafka_destroy(client)
  }

  /// As `KAFKA_BROKERS` has it.
  package var address: String { String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

  /// The next batch is answered as a double, and is not written.
  package func callNextBatchADouble() {
    let produce: Int16 = 0
    rd_kafka_mock_push_request_errors_array(cluster, produce, 1, [RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER])
  }
}
