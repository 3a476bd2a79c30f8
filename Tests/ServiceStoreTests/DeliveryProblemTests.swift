import Kafka
import ServiceStore
import Testing

@Suite struct DeliveryProblemTests {
  /// By librdkafka's codes: what the row is refused for, what passes, and what ends the client.
  @Test(
    arguments: [
      (10, .refused("Kafka: delivering: Broker: Message size too large (MSG_SIZE_TOO_LARGE)")),
      (-185, .failed("_TIMED_OUT")), (-188, .failed("_UNKNOWN_TOPIC")), (3, .failed("UNKNOWN_TOPIC_OR_PART")),
      (29, .failed("TOPIC_AUTHORIZATION_FAILED")), (19, .failed("NOT_ENOUGH_REPLICAS")), (-150, .broken("_FATAL")),
      (45, .broken("OUT_OF_ORDER_SEQUENCE_NUMBER")),
    ] as [(Int32, DeliveryProblem)])
  func kinds(code: Int32, problem: DeliveryProblem) {
    #expect(DeliveryProblem(KafkaError(code: code, doing: "delivering")) == problem)
    #expect(DeliveryProblem(KafkaError(code: code, doing: "delivering"), offset: 7) == problem)
  }

  @Test func anAcknowledgementWithoutAnOffsetIsNotBelieved() {
    #expect(DeliveryProblem(nil, offset: 0) == nil)
    #expect(DeliveryProblem(nil, offset: -1) == .broken("ACKNOWLEDGED_WITHOUT_OFFSET"))
  }
}
