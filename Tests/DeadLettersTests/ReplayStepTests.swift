import DeadLetters
import Testing

@Suite struct ReplayStepTests {
  private func intent(
    _ attempt: UInt32, _ replayer: String, from: Int64 = 10, at ms: Int64 = 1000, lease: Int64 = 100
  ) -> ReplayEntry {
    ReplayEntry(attempt: attempt, sentOffset: nil, replayer: replayer, searchFrom: from, expiresMs: ms + lease)
  }

  private func done(_ offset: Int64) -> ReplayEntry {
    ReplayEntry(attempt: 1, sentOffset: offset, replayer: "x", searchFrom: 0, expiresMs: 1600)
  }

  private func next(_ entries: [ReplayEntry], now: Int64) -> ReplayStep {
    ReplayStep.next(entries, me: "me", nowMs: now)
  }

  @Test func theFirstRowOwnsTheAttempt() {
    #expect(next([], now: 1000) == .claimFirst)
    #expect(next([intent(1, "me"), intent(1, "you")], now: 1050) == .send(attempt: 1, untilMs: 1100))
    #expect(next([intent(1, "you"), intent(1, "me")], now: 1050) == .wait(untilMs: 1100))
    // A repeated row prolongs nothing.
    #expect(next([intent(1, "me"), intent(1, "me", at: 1090)], now: 1100) == .send(attempt: 1, untilMs: 1100))
  }

  @Test func aLeaseIsWhatItsRowSays() {
    #expect(next([intent(1, "you", lease: 5000)], now: 5999) == .wait(untilMs: 6000))
    #expect(next([intent(1, "me", lease: 10)], now: 1011) == .search(from: 10, attempt: 1))
    // The first row's, not the longest.
    #expect(
      next([intent(1, "you", lease: 10), intent(1, "me", lease: 5000)], now: 1011) == .search(from: 10, attempt: 1))
  }

  @Test func anAttemptThatLeftNoWordIsLookedFor() {
    #expect(next([intent(1, "you")], now: 1101) == .search(from: 10, attempt: 1))
    #expect(next([intent(1, "me")], now: 1101) == .search(from: 10, attempt: 1))
    #expect(
      next([intent(1, "you", from: 20), intent(2, "he", from: 5, at: 1200)], now: 1301) == .search(from: 5, attempt: 2))
    #expect(
      next([intent(1, "you"), intent(2, "me", at: 1200)], now: 1250) == .send(attempt: 2, untilMs: 1300))
  }

  @Test func whatIsDoneIsOver() {
    #expect(next([intent(1, "you"), done(77)], now: 1050) == .over(sentOffset: 77))
    #expect(next([intent(1, "you"), done(-1)], now: 9000) == .over(sentOffset: -1))
  }

  @Test func aLetterIsSentOnceWhateverIsKilled() {
    var twice: [UInt64] = []
    for seed in 0..<UInt64(20_000) {
      var simulation = ReplaySimulation(seed: seed)
      if simulation.run() != 1 { twice.append(seed) }
    }
    #expect(twice.isEmpty, "seeds \(twice.prefix(5)) of \(twice.count)")
  }

  private func twice(_ change: (inout ReplaySimulation) -> Void) -> Int {
    (0..<UInt64(20_000)).count { seed in
      var simulation = ReplaySimulation(seed: seed)
      change(&simulation)
      return simulation.run() > 1
    }
  }

  /// The simulation can tell: messages that outlive the lease are found out, and leases of others reckoned by one's own.
  @Test func whatBreaksThePromiseIsNoticed() {
    #expect(twice { $0.timeoutOfLease = 3 } > 0)
    #expect(twice { $0.reckonsByOwnLease = true } > 0)
  }

  /// The version before reckons a minute, whatever a row says: beside it no lease may be longer.
  @Test func aLongerLeaseBesideTheVersionBeforeIsNoticed() {
    #expect(twice { $0.leases = [ReplaySimulation.leaseBefore * 4] } > 0)
  }
}
