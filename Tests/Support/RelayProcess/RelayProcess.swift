import Blocking
import Foundation
import Kafka
import Postgres
import ServiceStore

/// A relay as a process of its own, for tests that kill it: `relay-process URL BROKERS MOMENT [COUNT]`. It sends itself
/// SIGKILL the COUNT-th time that it comes to MOMENT, one of those below; at `never` it goes on until it is killed.
@main struct RelayProcess {
  enum Moment: String {
    case never, select, send, acknowledgement, delete
  }

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 4, let moment = Moment(rawValue: arguments[3]) else { exit(2) }
    let death = Death(moment, count: arguments.count > 4 ? Int(arguments[4]) ?? 1 : 1)
    let table = OutboxTable(try PostgresConfiguration(url: arguments[1], applicationName: "relay-process"))
    let outlet = try KafkaOutlet(KafkaConfiguration(brokers: arguments[2]))
    let stepper = RelayStepper(
      table: DyingTable(table, death), outlet: DyingOutlet(outlet, death), clock: PollingClock(), report: Silence())
    while stepper.step() == nil {}
  }
}

/// When the process is to die.
private final class Death {
  private let moment: RelayProcess.Moment
  private var left: Int

  init(_ moment: RelayProcess.Moment, count: Int) {
    self.moment = moment
    left = count
  }

  func comes(at moment: RelayProcess.Moment) {
    guard moment == self.moment else { return }
    left -= 1
    if left <= 0 { kill(getpid(), SIGKILL) }
  }
}

private final class DyingTable: RelayTable {
  private let table: OutboxTable
  private let death: Death

  init(_ table: OutboxTable, _ death: Death) {
    self.table = table
    self.death = death
  }

  func lead() throws(RelayFailure) -> Bool { try table.lead() }
  func read(
    excluding ids: [Int64], topics: [String], limit: Int, bytes: Int
  ) throws(RelayFailure) -> OutboxHead {
    let head = try table.read(excluding: ids, topics: topics, limit: limit, bytes: bytes)
    if !head.rows.isEmpty { death.comes(at: .select) }
    return head
  }
  func delete(_ ids: [Int64]) throws(RelayFailure) {
    try table.delete(ids)
    death.comes(at: .delete)
  }
  func park(_ id: Int64, reason: String) throws(RelayFailure) { try table.park(id, reason: reason) }
  func backlog() throws(RelayFailure) -> OutboxBacklog { try table.backlog() }
  func sweep() throws(RelayFailure) -> Bool { try table.sweep() }
  func close() { table.close() }
}

private final class DyingOutlet: RelayOutlet {
  private let outlet: KafkaOutlet
  private let death: Death

  init(_ outlet: KafkaOutlet, _ death: Death) {
    self.outlet = outlet
    self.death = death
  }

  func send(_ row: OutboxRow) -> DeliveryProblem? {
    let problem = outlet.send(row)
    death.comes(at: .send)
    return problem
  }
  func reports(within limit: Duration) -> [RelayDelivery] {
    let reports = outlet.reports(within: limit)
    for _ in reports { death.comes(at: .acknowledgement) }
    return reports
  }
  func replace() throws(RelayFailure) { try outlet.replace() }
}

private final class PollingClock: RelayClock {
  var now: ContinuousClock.Instant { .now }
  func wait(until moment: ContinuousClock.Instant) {
    BlockingThread.sleep(moment - .now)
    // The test is gone.
    if getppid() == 1 { exit(1) }
  }
  func takeSignal() -> Bool { false }
}

private final class Silence: RelayObserver {
  func leads(_ isOurs: Bool) {}
  func delivered(after delay: Duration) {}
  func published(_ count: Int) {}
  func undelivered(_ problem: DeliveryProblem) {}
  func parked(_ id: Int64, reason: String) {}
  func measured(_ backlog: OutboxBacklog) {}
  func failed(_ failure: RelayFailure) {}
  func kafkaSilent() {}
}
