import Kafka

/// Sends letters to the partition they came from, each with a header that names it.
package final class LetterSender {
  private let producer: KafkaProducer
  private let timeoutMs: Int32

  /// - Parameter timeoutMs: nothing of a message is sent later than this after it was given to `send`.
  package init(_ configuration: KafkaConfiguration, timeoutMs: Int32) throws(DeadLetterError) {
    var configuration = configuration
    configuration.properties["message.timeout.ms"] = "\(timeoutMs)"
    configuration.properties["linger.ms"] = "5"
    let made = configuration
    producer = try DeadLetterError.wrapKafka { () throws(KafkaError) in try KafkaProducer(made) }
    self.timeoutMs = timeoutMs
  }

  package struct Message {
    let letter: LetterCoordinates
    let key: [UInt8]
    let value: [UInt8]

    package init(letter: LetterCoordinates, key: [UInt8], value: [UInt8]) {
      self.letter = letter
      self.key = key
      self.value = value
    }
  }

  /// Sends in order, and waits for the broker's word on each. One that the broker only says it has already, without saying
  /// where, is not confirmed: a broker that was killed may say so of what it never wrote.
  /// - Returns: a report per message, in their order: its offset.
  package func send(_ messages: [Message]) throws(DeadLetterError) -> [Result<Int64, KafkaError>] {
    var reports = [Result<Int64, KafkaError>?](repeating: nil, count: messages.count)
    let double = KafkaError(code: 46, doing: "sending a letter")  // DUPLICATE_SEQUENCE_NUMBER
    let take = { (report: DeliveryReport) in
      // Tokens are positions from 1.
      reports[Int(report.token) - 1] =
        report.error.map { .failure($0) } ?? (report.offset < 0 ? .failure(double) : .success(report.offset))
    }
    for (index, message) in messages.enumerated() {
      do throws(KafkaError) {
        try queue(message, token: UInt64(index + 1))
      } catch {
        reports[index] = .failure(error)
        break
      }
    }
    _ = producer.flush(timeoutMs: timeoutMs + 5_000, take)
    let silence = KafkaError(code: -185, doing: "waiting for the broker's word on a message")
    return reports.map { $0 ?? .failure(silence) }
  }

  private func queue(_ message: Message, token: UInt64) throws(KafkaError) {
    let headers = [KafkaHeader(LetterCoordinates.headerName, message.letter.description)]
    let partition = message.letter.partition
    do {
      try message.value.withUnsafeBytes { value in
        try message.key.withUnsafeBytes { key in
          try producer.send(
            topic: partition.topic, key: key.isEmpty ? nil : key, value: value, partition: partition.partition,
            headers: headers, token: token)
        }
      }
    } catch let error as KafkaError { throw error } catch { preconditionFailure("send throws KafkaError alone") }
  }
}
