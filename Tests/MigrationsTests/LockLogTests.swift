import Migrations
import Testing

/// Who holds the lock, from its log.
@Suite struct LockLogTests {
  private func entry(_ kind: LockLog.Kind, _ claim: String, at time: Int64, lease: Int64 = 10) -> LockLog.Entry {
    LockLog.Entry(kind: kind, claim: claim, runner: claim, writtenAtMs: time, expiresAtMs: time + lease)
  }

  @Test func theFirstClaimWins() {
    let log = LockLog([entry(.claim, "a", at: 5), entry(.claim, "b", at: 4)])
    #expect(log.holder?.claim == "a")
    #expect(!log.isFree(atMs: 14) && log.isFree(atMs: 15))
  }

  @Test func aReleaseFreesIt() {
    #expect(LockLog([entry(.claim, "a", at: 0), entry(.release, "a", at: 1)]).holder == nil)
    #expect(LockLog([entry(.claim, "a", at: 0), entry(.release, "b", at: 1)]).holder?.claim == "a")
  }

  @Test func aLeaseThatRanOutIsTakenOverForGood() {
    let taken = [entry(.claim, "a", at: 0), entry(.claim, "b", at: 10), entry(.renew, "a", at: 11)]
    #expect(LockLog(taken).holder?.claim == "b")
    #expect(LockLog(taken + [entry(.release, "a", at: 12)]).holder?.claim == "b")
  }

  @Test func aRenewalBeforeTheTakeoverPreventsIt() {
    let log = LockLog([entry(.claim, "a", at: 0), entry(.renew, "a", at: 9), entry(.claim, "b", at: 11)])
    #expect(log.holder?.claim == "a")
    // Late, but nobody was faster.
    #expect(LockLog([entry(.claim, "a", at: 0), entry(.renew, "a", at: 30)]).holder?.expiresAtMs == 40)
  }

  /// Runners with random delays between reading the clock and being written: at no time do two have a lease.
  @Test(arguments: 0..<50) func neverTwoHolders(_ seed: UInt64) {
    var random = SplitMix(state: seed)
    var log: [LockLog.Entry] = []
    var clock: Int64 = 0
    var leases: [String: Int64] = [:]
    for step in 0..<400 {
      clock += Int64.random(in: 0...6, using: &random)
      let name = "\(Int.random(in: 0..<4, using: &random))"
      let kind: LockLog.Kind = leases[name] == nil ? .claim : [.renew, .renew, .release].randomElement(using: &random)!
      // Written with a time that is already past.
      log.append(entry(kind, name, at: clock - Int64.random(in: 0...4, using: &random)))
      if kind == .release {
        leases[name] = nil
        continue
      }
      let holder = LockLog(log).holder
      leases[name] = holder?.claim == name ? holder?.expiresAtMs : nil
      let holding = leases.filter { $0.value > clock }
      #expect(holding.count <= 1, "step \(step): \(holding)")
    }
  }
}
