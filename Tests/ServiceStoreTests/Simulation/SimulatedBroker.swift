import ServiceStore

/// Kafka, as far as a relay goes: what was handed to a client is appended in that order, and known later.
final class SimulatedBroker {
  private(set) var log: [OutboxRow] = []
  var isAway = false

  func append(_ row: OutboxRow) { log.append(row) }
}

/// One client of the broker, with what it was given.
final class SimulatedProducer {
  private let broker: SimulatedBroker
  private var queue: [OutboxRow] = []
  private var reports: [RelayDelivery] = []
  private(set) var isBroken = false
  /// The broker does not know this client any more, and answers it nothing.
  var isForgotten = false
  private var lost: Set<String> = []
  /// A batch is refused as a whole for one of its messages.
  private let refusesBatches: Bool

  init(_ broker: SimulatedBroker, refusesBatches: Bool) {
    self.broker = broker
    self.refusesBatches = refusesBatches
  }

  var isIdle: Bool { queue.isEmpty && reports.isEmpty }
  var hasReports: Bool { !reports.isEmpty }

  func send(_ row: OutboxRow) -> DeliveryProblem? {
    if isBroken { return .broken("_FATAL") }
    if row.value == "huge" { return .refused("too large for the client") }
    if lost.contains(row.topic) { return .failed("_UNKNOWN_TOPIC") }
    queue.append(row)
    return nil
  }

  /// The broker takes some of the queue, in order.
  func work(_ random: inout SeededGenerator) {
    guard !broker.isAway, !isForgotten, !queue.isEmpty else { return }
    let batch = Array(queue.prefix(Int.random(in: 1...8, using: &random)))
    queue.removeFirst(batch.count)
    let isRefused = refusesBatches && batch.contains { $0.value == "large" }
    for row in batch {
      if isRefused || row.value == "large" {
        reports.append(RelayDelivery(id: row.id, problem: .refused("too large for the broker")))
      } else {
        broker.append(row)
        reports.append(RelayDelivery(id: row.id, problem: nil))
      }
    }
  }

  /// The topic is gone: what waits for it is given up, and nothing is taken until the client has found it again, which is
  /// later than its reports.
  func lose(_ topic: String) {
    lost.insert(topic)
    for row in queue where row.topic == topic {
      reports.append(RelayDelivery(id: row.id, problem: .failed("_UNKNOWN_TOPIC")))
    }
    queue.removeAll { $0.topic == topic }
  }

  func findTopics() { if reports.isEmpty { lost = [] } }

  /// A fatal error: all that waits is given up, though some of it still arrives.
  func breakDown(_ random: inout SeededGenerator) {
    isBroken = true
    let given = queue
    arrive(&random)
    for row in given { reports.append(RelayDelivery(id: row.id, problem: .broken("_FATAL"))) }
  }

  /// The process is gone, or the client was dropped; some of what was on its way still arrives.
  func vanish(_ random: inout SeededGenerator) {
    arrive(&random)
    reports = []
  }

  private func arrive(_ random: inout SeededGenerator) {
    if !broker.isAway {
      for row in queue.prefix(Int.random(in: 0...queue.count, using: &random)) where row.value == "fine" {
        broker.append(row)
      }
    }
    queue = []
  }

  /// - Returns: some of the reports there are, in order.
  func take(_ random: inout SeededGenerator) -> [RelayDelivery] {
    let taken = reports.prefix(Int.random(in: 0...reports.count, using: &random))
    reports.removeFirst(taken.count)
    return Array(taken)
  }
}
