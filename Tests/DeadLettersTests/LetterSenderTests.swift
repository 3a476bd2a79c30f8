import DeadLetters
import Kafka
import MockBroker
import Testing

@Suite struct LetterSenderTests {
  private let broker = MockBroker()

  /// Where a letter is; nil when that is not confirmed.
  private func send(by sender: LetterSender) throws -> Int64? {
    let letter = LetterCoordinates(topic: "events", partition: 0, offset: 7)
    return try sender.send([.init(letter: letter, key: [], value: [1])]).first.flatMap { try? $0.get() }
  }

  /// Whether a letter is in Kafka that was called a double is for Kafka's log to say.
  @Test func whatTheBrokerCallsADoubleIsNotConfirmed() throws {
    let sender = try LetterSender(KafkaConfiguration(brokers: broker.address), timeoutMs: 20_000)
    #expect(try send(by: sender) == 0)
    broker.callNextBatchADouble()
    #expect(try send(by: sender) == nil)
    #expect(try send(by: sender) == 1)
  }
}
