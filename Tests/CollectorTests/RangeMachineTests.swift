import Collector
import Kafka
import Testing

@Suite struct RangeMachineTests {
  private let partition = TopicPartition(topic: "learning.events", partition: 3)

  private func intent(_ from: Int64, _ to: Int64, events: UInt32 = 5, decoder: UInt64 = 1, writer: String = "me")
    -> RangeIntent
  {
    RangeIntent(
      partition: partition, range: OffsetRange(from: from, to: to), counts: RangeCounts(events: events, parts: 1),
      decoder: decoder, writer: writer)
  }

  private func machine(
    _ tail: RangeIntent?, committed: Int64? = nil, since: UInt64 = 0, marked: Bool = false, isCurrent: Bool = true,
    logEnd: Int64 = 1000
  )
    -> RangeMachine
  {
    RangeMachine(
      partition: partition,
      tail: tail.map { LedgerEntry(intent: $0, partsSince: since, marked: marked, isCurrent: isCurrent) },
      committed: committed, logEnd: logEnd, window: 100)
  }

  private func entry(_ intent: RangeIntent, since: UInt64 = 0, isCurrent: Bool = true) -> LedgerEntry {
    LedgerEntry(intent: intent, partsSince: since, marked: false, isCurrent: isCurrent)
  }

  private func lease(_ untilMs: Int64) -> Lease { Lease(untilMs: untilMs, in: Incarnation("this")) }

  @Test func aMarkedRangeIsReconciledByWhoeverFollows() {
    var machine = machine(intent(10, 20), marked: true)
    machine.take(.built(intent(10, 20)))
    #expect(machine.step(bufferedTo: 20, due: false) == .mark(intent(10, 20)))
    machine.take(.marked(lease(7)))
    #expect(machine.step(bufferedTo: 20, due: false) == .reconcile(intent(10, 20), lease(7)))
    machine.take(.leaseOver)
    #expect(machine.state == .marking(intent(10, 20)))
  }

  @Test func aFreshPartitionBeginsAtZeroWhateverTheLogHolds() {
    let machine = machine(nil, committed: 700)
    #expect(machine.readFrom == 0)
    #expect(machine.step(bufferedTo: 700, due: false) == .wait)
    #expect(machine.step(bufferedTo: 700, due: true) == .build(from: 0, to: nil))
  }

  @Test func aTailThatIsCommittedIsNotRepeated() {
    #expect(machine(intent(10, 20), committed: 20).readFrom == 20)
    #expect(machine(intent(10, 20), committed: 10).readFrom == 10)
    #expect(machine(intent(10, 20), committed: nil).readFrom == 10)
    // An offset that somebody moved says nothing: the range may be unfinished.
    #expect(machine(intent(10, 20), committed: 900).state == .repeating(intent(10, 20), trusted: true))
    #expect(machine(intent(10, 20), committed: 21).readFrom == 10)
  }

  @Test func aRepeatedRangeWaitsForAllItsMessagesAndKeepsItsEnd() {
    let machine = machine(intent(10, 20))
    #expect(machine.step(bufferedTo: 19, due: true) == .wait)
    #expect(machine.step(bufferedTo: 300, due: false) == .build(from: 10, to: 20))
  }

  @Test func theSameRowsAreRepeatedUnderALeaseOthersAreReconciled() {
    var same = machine(intent(10, 20, writer: "earlier"))
    same.take(.built(intent(10, 20)))
    #expect(same.state == .renewing(intent(10, 20)))
    same.take(.renewed(lease(5), entry(intent(10, 20), since: 3)))
    #expect(same.step(bufferedTo: 20, due: false) == .insert(intent(10, 20), lease(5)))

    var fewer = machine(intent(10, 20))
    fewer.take(.built(intent(10, 20, events: 4)))
    #expect(fewer.state == .marking(intent(10, 20, events: 4)))

    var upgraded = machine(intent(10, 20))
    upgraded.take(.built(intent(10, 20, decoder: 2)))
    #expect(upgraded.state == .marking(intent(10, 20, decoder: 2)))

    var forgotten = machine(intent(10, 20), since: 100)
    forgotten.take(.built(intent(10, 20)))
    #expect(forgotten.state == .marking(intent(10, 20)))

    var forgottenSince = machine(intent(10, 20), since: 99)
    forgottenSince.take(.built(intent(10, 20)))
    forgottenSince.take(.renewed(lease(5), entry(intent(10, 20), since: 100)))
    #expect(forgottenSince.state == .marking(intent(10, 20)))
  }

  @Test func aRangeThatWasClaimedInAnEarlierRunOfClickHouseIsReconciled() {
    var followed = machine(intent(10, 20), isCurrent: false)
    followed.take(.built(intent(10, 20)))
    #expect(followed.state == .marking(intent(10, 20)))

    // It was started while the range was ours.
    var ours = machine(nil)
    ours.take(.built(intent(0, 50)))
    ours.take(.claimed(first: entry(intent(0, 50)), lease(9)))
    ours.take(.leaseOver)
    ours.take(.renewed(lease(90), entry(intent(0, 50), isCurrent: false)))
    #expect(ours.state == .marking(intent(0, 50)))
  }

  @Test func aLostClaimFollowsTheWinner() {
    var machine = machine(nil)
    machine.take(.built(intent(0, 50)))
    let winner = entry(intent(0, 30, writer: "other"))
    machine.take(.claimed(first: winner, lease(9)))
    #expect(machine.step(bufferedTo: 50, due: false) == .build(from: 0, to: 30))
  }

  @Test func aLeaseThatIsOverIsRenewedBeforeTheInsertIsTriedAgain() {
    var machine = machine(nil)
    machine.take(.built(intent(0, 50)))
    machine.take(.claimed(first: entry(intent(0, 50)), lease(9)))
    machine.take(.leaseOver)
    #expect(machine.step(bufferedTo: 50, due: false) == .renew(intent(0, 50)))
    machine.take(.renewed(lease(90), entry(intent(0, 50))))
    // What is not known to be done must be known to have ended, before it is sent again.
    machine.take(.failed)
    #expect(machine.step(bufferedTo: 50, due: false) == .renew(intent(0, 50)))
    machine.take(.renewed(lease(95), entry(intent(0, 50))))
    machine.take(.written)
    #expect(machine.step(bufferedTo: 50, due: false) == .finish(intent(0, 50)))
    machine.take(.finished)
    #expect(machine.state == .filling(from: 50))
  }

  @Test func aTopicMadeAnewIsNotMistakenForTheOldOne() {
    let machine = machine(intent(10, 20), committed: 20, logEnd: 4)
    guard case .halted(let why) = machine.state else {
      Issue.record("\(machine.state)")
      return
    }
    #expect(why.contains("learning.events/3"))
    #expect(machine.step(bufferedTo: 4, due: true) == .halt(why))
  }

  @Test func theTokenIsMadeOfCoordinatesAlone() {
    #expect(intent(10, 20, writer: "a").token == intent(10, 20, events: 9, writer: "b").token)
    #expect(intent(10, 20).token == "learning.events/3/10-20")
  }
}
