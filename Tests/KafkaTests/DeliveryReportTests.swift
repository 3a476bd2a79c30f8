import Kafka
import MockBroker
import Testing

@Suite struct DeliveryReportTests {
  private let broker = MockBroker()
  private let producer: KafkaProducer

  init() throws {
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
    broker.callNextBatchADouble()
    #expect(try offsets() == [-1, -1, -1, -1, -1])
  }
}
