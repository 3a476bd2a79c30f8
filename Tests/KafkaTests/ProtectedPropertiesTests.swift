import Kafka
import Testing

@Suite struct ProtectedPropertiesTests {
  private func refusal(_ name: String, _ value: String) -> String? {
    KafkaConfiguration(brokers: "localhost:1", properties: [name: value]).refusal
  }

  @Test(arguments: [
    ("enable.auto.commit", "true"), ("auto.commit.enable", "1"), ("enable.auto.offset.store", "TRUE"),
    ("auto.offset.reset", "latest"), ("auto.offset.reset", "earliest"), ("group.id", "other"),
    ("group.instance.id", "one"), ("group.protocol", "consumer"), ("enable.partition.eof", "true"),
    ("partition.assignment.strategy", "cooperative-sticky"),
    ("partition.assignment.strategy", "range,cooperative-sticky"), ("isolation.level", "read_uncommitted"),
    ("topic.blacklist", "^user"), ("acks", "1"), ("request.required.acks", "0"), ("enable.idempotence", "false"),
    ("transactional.id", "x"), ("delivery.report.only.error", "true"), ("bootstrap.servers", "elsewhere:1"),
    ("metadata.broker.list", "elsewhere:1"),
  ])
  func whatBreaksDeliveryIsRefusedByName(name: String, value: String) {
    #expect(refusal(name, value)?.hasPrefix("\(name)=\(value) is refused: ") == true)
  }

  @Test(arguments: [
    ("enable.auto.commit", "false"), ("enable.auto.offset.store", "0"), ("acks", "all"), ("acks", "-1"),
    ("enable.idempotence", "True"), ("partition.assignment.strategy", "roundrobin"),
    ("isolation.level", "read_committed"), ("security.protocol", "SASL_SSL"), ("session.timeout.ms", "10000"),
    ("linger.ms", "5"), ("group.protocol", "classic"),
  ])
  func whatChangesNothingOfItIsNot(name: String, value: String) {
    #expect(refusal(name, value) == nil)
  }

  /// Also where no setting is read: every client is made by `makeHandle`.
  @Test func noClientIsMadeWithThem() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaConsumer(
        KafkaConfiguration(brokers: "localhost:1", properties: ["enable.auto.commit": "true"]), group: "g")
    }
    #expect(error?.message.contains("enable.auto.commit=true is refused") == true)
    #expect(error?.isMisconfiguration == true)
    #expect(throws: KafkaError.self) {
      try KafkaProducer(KafkaConfiguration(brokers: "localhost:1", properties: ["acks": "1"]))
    }
  }
}
