import Blocking
import Foundation
import Kafka
import Logging
import ServiceLifecycle
import Telemetry

/// Follows `user.events` and erases what erased people leave in a service's database.
///
/// Its place in the topic is its consumer group's, and moves only after the database has committed: killed in between, it
/// meets the message again and finds nothing left to do.
package struct ErasureFollower: Service {
  private static let retry = RetryPolicy(first: .milliseconds(500), longest: .seconds(30))
  /// How long one round waits for messages, which is how soon a stop is seen.
  private static let roundMs: Int32 = 200
  private static let kafkaTimeoutMs: Int32 = 10_000

  private let kafka: KafkaConfiguration
  private let topic: String
  private let group: String
  private let erasure: @Sendable () -> any PersonErasure
  private let signal: OutboxSignal
  private let erased: Counter
  private let failed: Counter
  private let log: Logger

  /// - Parameters:
  ///   - group: of Kafka's consumers, and its thread: `decks-erasure`.
  ///   - erasure: is made, and used, on a thread of its own.
  ///   - erased: counts people, repeats included.
  ///   - failed: counts what went wrong and is tried again.
  package init(
    kafka: KafkaConfiguration, topic: String = "user.events", group: String, signal: OutboxSignal, erased: Counter,
    failed: Counter, log: Logger, erasure: @escaping @Sendable () -> any PersonErasure
  ) {
    self.kafka = kafka
    self.topic = topic
    self.group = group
    self.signal = signal
    self.erased = erased
    self.failed = failed
    self.log = log
    self.erasure = erasure
  }

  package func run() async throws {
    let stop = CancellationFlag()
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await BlockingThread.run(group) { follow(until: stop) }
    } onCancelOrGracefulShutdown: {
      stop.raise()
    }
  }

  /// Blocking.
  package func follow(until stop: CancellationFlag) {
    var failures = 0
    while !stop.isRaised {
      do {
        try read(until: stop)
      } catch {
        failures += 1
        failed.increment()
        if failures == 1 { tell(error) }
        let end = ContinuousClock.now + Self.retry.delay(afterFailures: failures)
        while !stop.isRaised, ContinuousClock.now < end { BlockingThread.sleep(.milliseconds(50)) }
      }
    }
  }

  /// Messages that were read and are not done with.
  private struct Pending {
    var people: [Int64] = []
    /// Behind the last of each partition.
    var places: [TopicPartition: Int64] = [:]
    var failures = 0
    var nextTry = ContinuousClock.now
  }

  /// Reads as one member of the group, which it stays while the database is away: nothing more is read then.
  private func read(until stop: CancellationFlag) throws {
    let consumer = try KafkaConsumer(kafka, group: group, batch: 64)
    try consumer.subscribe([topic])
    let erasure = erasure()
    var pending = Pending()
    var assigned: [TopicPartition] = []
    while !stop.isRaised {
      if consumer.fetch(timeoutMs: Self.roundMs) > 0 { take(from: consumer, into: &pending) }
      for change in consumer.takeEvents().changes {
        switch change {
        case .assigned(let partitions):
          assigned = partitions
          try consumer.assign(places(of: partitions, consumer))
        case .revoked: (assigned, pending) = ([], Pending())
        }
      }
      guard !pending.places.isEmpty, ContinuousClock.now >= pending.nextTry else { continue }
      do {
        for person in pending.people { try erase(person, by: erasure, stop) }
        try consumer.committer.commit(pending.places, wait: true)
        if pending.failures > 0 { consumer.resume(assigned) }
        pending = Pending()
      } catch {
        pending.failures += 1
        failed.increment()
        if pending.failures == 1 {
          tell(error)
          consumer.pause(assigned)
        }
        pending.nextTry = .now + Self.retry.delay(afterFailures: pending.failures)
      }
    }
  }

  private func take(from consumer: KafkaConsumer, into pending: inout Pending) {
    consumer.drain { topic, message in
      let partition = TopicPartition(topic: consumer.name(ofTopic: topic), partition: message.partition)
      pending.places[partition] = message.offset + 1
      if let value = message.value, let erasure = ErasureMessage(Array(value)) { pending.people.append(erasure.person) }
    }
  }

  private func tell(_ error: any Error) {
    log.warning("erasures are not followed for now", metadata: ["error": "\(error)"])
  }

  private func erase(_ person: Int64, by erasure: any PersonErasure, _ stop: CancellationFlag) throws {
    try erasure.erase(person, at: Int64(Date().timeIntervalSince1970 * 1000), cancellation: stop)
    signal.raise()
    erased.increment()
    log.info("what an erased person left is gone", metadata: ["user_id": "\(person)"])
  }

  /// Where the group stands; at the beginning where it has not been yet.
  private func places(
    of partitions: [TopicPartition], _ consumer: KafkaConsumer
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    var places = try consumer.committed(partitions, timeoutMs: Self.kafkaTimeoutMs)
    for partition in partitions where places[partition] == nil {
      places[partition] = try consumer.watermarks(of: partition, timeoutMs: Self.kafkaTimeoutMs).low
    }
    return places
  }
}
