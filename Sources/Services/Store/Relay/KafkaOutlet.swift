import Kafka

/// Kafka, as the relay sends to it.
package final class KafkaOutlet: RelayOutlet {
  private let configuration: KafkaConfiguration
  private var producer: KafkaProducer

  /// - Throws: for a property that librdkafka, or the promise of delivery, refuses.
  package init(_ configuration: KafkaConfiguration) throws(KafkaError) {
    self.configuration = Self.tuned(configuration)
    producer = try KafkaProducer(self.configuration)
  }

  private static func tuned(_ configuration: KafkaConfiguration) -> KafkaConfiguration {
    var tuned = configuration
    tuned.properties.merge([
      // Rows come in batches already.
      "linger.ms": "2",
      // Below what a topic allows: whoever is refused for its size is alone in its batch.
      "batch.size": "500000",
      // A broker that comes back is found soon.
      "reconnect.backoff.max.ms": "2000",
      // The relay says what is wrong, once.
      "log_level": "2",
    ]) { theirs, _ in theirs }
    // A message that gave up while those behind it go on would change the order. Rows wait for Kafka as long as it takes.
    tuned.properties["delivery.timeout.ms"] = nil
    tuned.properties["message.timeout.ms"] = "0"
    return tuned
  }

  package func send(_ row: OutboxRow) -> DeliveryProblem? {
    var (key, value) = (row.key, row.value)
    let sent: Result<Void, KafkaError> = key.withUTF8 { key in
      value.withUTF8 { value in
        Result { () throws(KafkaError) in
          try producer.send(
            topic: row.topic, key: UnsafeRawBufferPointer(key), value: UnsafeRawBufferPointer(value),
            token: UInt64(bitPattern: row.id))
        }
      }
    }
    if case .failure(let error) = sent { return DeliveryProblem(error) }
    return nil
  }

  package func reports(within limit: Duration) -> [RelayDelivery] {
    var deliveries: [RelayDelivery] = []
    // Part of a millisecond is a whole one: as none it would be waited for in a circle.
    let milliseconds = (max(.zero, min(limit, .seconds(1))) / .milliseconds(1)).rounded(.up)
    producer.poll(timeoutMs: Int32(milliseconds)) { report in
      deliveries.append(
        RelayDelivery(
          id: Int64(bitPattern: report.token), problem: DeliveryProblem(report.error, offset: report.offset)))
    }
    return deliveries
  }

  package func replace() throws(RelayFailure) {
    do throws(KafkaError) { producer = try KafkaProducer(configuration) } catch { throw .kafka(error.name) }
  }
}

extension DeliveryProblem {
  /// Of a delivery report; nil where Kafka has the row.
  ///
  /// librdkafka takes a retried batch for delivered when the broker says that it has it already, and then knows no offset.
  /// A broker that was killed may say so of what it never wrote: the row is sent again, by a client that the broker does
  /// not know.
  package init?(_ error: KafkaError?, offset: Int64) {
    if let error {
      self.init(error)
    } else if offset < 0 {
      self = .broken("ACKNOWLEDGED_WITHOUT_OFFSET")
    } else {
      return nil
    }
  }

  package init(_ error: KafkaError) {
    switch error.name {
    case "MSG_SIZE_TOO_LARGE", "INVALID_RECORD", "RECORD_LIST_TOO_LARGE", "INVALID_TIMESTAMP", "POLICY_VIOLATION":
      self = .refused("\(error)")
    case "_FATAL", "_STATE", "_DESTROY", "_PURGE_QUEUE", "_PURGE_INFLIGHT", "OUT_OF_ORDER_SEQUENCE_NUMBER",
      "UNKNOWN_PRODUCER_ID",
      "INVALID_PRODUCER_EPOCH", "INVALID_PRODUCER_ID_MAPPING", "PRODUCER_FENCED", "_FENCED":
      self = .broken(error.name)
    default: self = .failed(error.name)
    }
  }
}
