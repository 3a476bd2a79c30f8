import CRdKafka
import Kafka
import Testing

/// Against librdkafka's own broker of a few lines, which fails as it is told.
@Suite struct DeliveryReportTests {
  /// `@unchecked`: librdkafka's handles are thread-safe, and the pointers never change.
  private final class MockBroker: @unchecked Sendable {
    private let client: OpaquePointer
    private let cluster: OpaquePointer

    init() throws {
      var text = [CChar](repeating: 0, count: 512)
      client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), &text, text.count))
      cluster = try #require(rd_kafka_mock_cluster_new(client, 1))
      rd_kafka_mock_topic_create(cluster, "events", 1, 1)
    }

    deinit {
      rd_kafka_mock_cluster_destroy(cluster)
      rd_kafka_destroy(client)
    }

    var address: String { String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

    /// The next batch is answered so.
    func answerNextBatch(_ error: rd_kafka_resp_err_t) {
      let produce: Int16 = 0
      rd_kafka_mock_push_request_errors_array(cluster, produce, 1, [error])
    }
  }

  private let broker: MockBroker
  private let producer: KafkaProducer

  init() throws {
    broker = try MockBroker()
    producer = try KafkaProducer(KafkaConfiguration(brokers: broker.address, properties: ["linger.ms": "300"]))
  }

  /// The offsets of five messages that went in one batch, each nil where it failed.
  private func offsets() throws -> [Int64?] {
    for token in UInt64(1)...5 {
      try producer.send(topic: "events", key: nil, value: nil, partition: 0, token: token)
    }
    var found: [UInt64: Int64?] = [:]
    #expect(producer.flush(timeoutMs: 20_000) { found[$0.token] = $0.error == nil ? $0.offset : nil } == 0)
    return (1...5).map { found[$0] ?? nil }
  }

  @Test func aBatchHasItsOffsets() throws {
    #expect(try offsets() == [0, 1, 2, 3, 4])
    #expect(try offsets() == [5, 6, 7, 8, 9])
  }

  /// None of them, not only the first, is where a count from -1 would have it.
  @Test func aBatchThatTheBrokerSaysItHasAlreadyHasNone() throws {
    #expect(try offsets() == [0, 1, 2, 3, 4])
    broker.answerNextBatch(RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER)
    #expect(try offsets() == [-1, -1, -1, -1, -1])
  }
}
