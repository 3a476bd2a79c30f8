import Blocking

/// Does what ``RelayMachine`` says, over ports: the simulation of the tests drives the same code.
package final class RelayStepper {
  private var machine: RelayMachine
  private let limits: RelayLimits
  private let table: any RelayTable
  private let outlet: any RelayOutlet
  private let clock: any RelayClock
  private let report: any RelayObserver
  private var wasSilent = false
  private var isStopping = false

  /// While acknowledgements are out, the signal is looked at this often.
  private static let tick = Duration.milliseconds(1)
  private static let silentTick = Duration.milliseconds(20)

  package init(
    _ limits: RelayLimits = RelayLimits(), table: any RelayTable, outlet: any RelayOutlet, clock: any RelayClock,
    report: any RelayObserver
  ) {
    machine = RelayMachine(limits, now: clock.now)
    self.limits = limits
    self.table = table
    self.outlet = outlet
    self.clock = clock
    self.report = report
  }

  /// From now on only what is committed is still sent.
  package func stop() {
    guard !isStopping else { return }
    isStopping = true
    machine.stop(now: clock.now)
  }

  /// - Returns: nil to go on; else whether all that was committed is in Kafka, or another relay's.
  package func step() -> Bool? {
    takeReports(within: .zero)
    if clock.takeSignal() { machine.signalled() }
    let step = machine.next(now: clock.now)
    do throws(RelayFailure) {
      switch step {
      case .lead:
        let isOurs = try table.lead()
        machine.led(isOurs, now: clock.now)
        report.leads(isOurs)
      case .read(let ids, let topics):
        let head = try table.read(
          excluding: ids, topics: topics, limit: limits.readRows, bytes: limits.readBytes)
        machine.found(head, now: clock.now)
      case .send(let rows):
        var failing: Set<String> = []
        for row in rows where !failing.contains(row.topic) {
          let problem = outlet.send(row)
          if let problem { report.undelivered(problem) }
          if !machine.queued(row, problem, now: clock.now) { failing.insert(row.topic) }
        }
        machine.sendingEnded()
      case .delete(let ids):
        try table.delete(ids)
        machine.deleted(ids)
        report.published(ids.count)
      case .park(let id, let reason):
        try table.park(id, reason: reason)
        machine.parked(id)
        report.parked(id, reason: reason)
      case .discard:
        try outlet.replace()
        machine.discarded(now: clock.now)
      case .measure: report.measured(try table.backlog())
      case .sweep: machine.swept(hasMore: try table.sweep(), now: clock.now)
      case .wait(let moment): wait(until: moment)
      case .finish(let isComplete):
        table.close()
        return isComplete
      }
    } catch {
      report.failed(error)
      if case .kafka = error {
        machine.discardFailed(now: clock.now)
      } else {
        table.close()
        machine.databaseFailed(now: clock.now)
      }
    }
    return nil
  }

  private func wait(until moment: ContinuousClock.Instant) {
    guard machine.awaitsReports else { return clock.wait(until: moment) }
    takeReports(within: min(moment - clock.now, wasSilent ? Self.silentTick : Self.tick))
  }

  private func takeReports(within limit: Duration) {
    for delivery in outlet.reports(within: limit) {
      if let problem = delivery.problem { report.undelivered(problem) }
      if let delay = machine.reported(delivery, now: clock.now) { report.delivered(after: delay) }
    }
    let isSilent = machine.isSilent(now: clock.now)
    if isSilent, !wasSilent { report.kafkaSilent() }
    wasSilent = isSilent
  }
}
