import ServiceStore
import Testing

/// How soon a relay looks at the table after a commit.
@Suite struct RelayGatheringTests {
  private let start = ContinuousClock.now
  private let limits = RelayLimits()

  /// A machine that leads, and has just read at `start` and found nothing.
  private func idle() -> RelayMachine {
    var machine = RelayMachine(limits, now: start)
    machine.led(true, now: start)
    while case let step = machine.next(now: start), !isWait(step) {
      if case .read = step { machine.found(OutboxHead(), now: start) }
    }
    return machine
  }

  private func isWait(_ step: RelayMachine.Step) -> Bool { if case .wait = step { true } else { false } }
  private func isRead(_ step: RelayMachine.Step) -> Bool { if case .read = step { true } else { false } }

  @Test func commitsThatComeTogetherAreReadTogether() {
    var machine = idle()
    for millisecond in 0..<4 {
      machine.signalled()
      let now = start + .milliseconds(millisecond)
      #expect(machine.next(now: now) == .wait(until: start + limits.gather))
    }
    #expect(isRead(machine.next(now: start + limits.gather)))
  }

  @Test func aCommitAfterASilenceIsReadAtOnce() {
    var machine = idle()
    machine.signalled()
    #expect(isRead(machine.next(now: start + .milliseconds(50))))
  }

  @Test func withoutASignalTheTableIsPolled() {
    var machine = idle()
    #expect(isWait(machine.next(now: start + .milliseconds(199))))
    #expect(isRead(machine.next(now: start + limits.poll)))
  }

  /// Another process of the service raises a signal of its own: what it writes is found because there was something just now.
  @Test func behindRowsTheTableIsLookedAtSoonWithoutASignal() {
    var machine = idle()
    var now = start + limits.poll
    #expect(isRead(machine.next(now: now)))
    let row = OutboxRow(id: 1, topic: "t", key: "k", value: "v", writtenAt: now)
    var head = OutboxHead()
    head.rows = [row]
    machine.found(head, now: now)
    let isQueued = machine.queued(row, nil, now: now)
    #expect(isQueued)
    machine.sendingEnded()
    for pause in [limits.gather, limits.gather * 4, limits.gather * 16, limits.poll, limits.poll] {
      var step = machine.next(now: now + pause - .milliseconds(1))
      while step == .measure { step = machine.next(now: now + pause - .milliseconds(1)) }
      #expect(isWait(step))
      now += pause
      #expect(isRead(machine.next(now: now)))
      machine.found(OutboxHead(), now: now)
    }
  }
}
