import Foundation
import Kafka
import Testing

private let brokers = ProcessInfo.processInfo.environment["KAFKA_BROKERS"]

@Suite(.enabled(if: brokers != nil, "KAFKA_BROKERS names no broker"))
struct LogEndsTests {
  @Test func theEndOfAPartitionCountsEveryMessageOfItsNewestBatch() throws {
    let configuration = KafkaConfiguration(brokers: try #require(brokers))
    let admin = try KafkaAdmin(configuration)
    let partition = TopicPartition(topic: "ends-\(UUID().uuidString)", partition: 0)
    try admin.createTopic(partition.topic, partitions: 1, replicationFactor: 1, configuration: [:])
    #expect(try admin.watermarks(of: partition) == (0, 0))

    let producer = try KafkaProducer(configuration)
    let value = Array("x".utf8)
    for token in 0..<UInt64(1000) {
      try value.withUnsafeBytes { bytes in
        try producer.send(topic: partition.topic, key: nil, value: bytes, partition: 0, token: token)
      }
    }
    #expect(producer.flush(timeoutMs: 20_000) == 0)
    #expect(try admin.watermarks(of: partition) == (0, 1000))
    #expect(try KafkaConsumer(configuration, group: "ends").logEnd(of: partition, timeoutMs: 10_000) == 1000)
  }
}
