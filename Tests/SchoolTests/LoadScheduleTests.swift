import School
import Testing

/// The open loop by a clock of the test's own.
@Suite struct LoadScheduleTests {
  @Test func requestsAreIntendedAtTheirTimesWhateverBecameOfThoseBefore() {
    var schedule = LoadSchedule(rate: 200, requests: 400, learners: 50, startNs: 1_000)
    var (nowNs, intended, late): (Int64, [Int64], Int64) = (1_000, [], 0)
    while case .play(let learner, let intendedNs) = schedule.next(nowNs: nowNs) {
      intended.append(intendedNs)
      nowNs = max(nowNs, intendedNs)
      // One of them takes half a second.
      if intended.count == 100 { nowNs += 500_000_000 }
      late = max(late, nowNs - intendedNs)
      schedule.back(learner)
    }
    #expect(intended == (0..<400).map { 1_000 + Int64($0) * 5_000_000 })
    #expect(late == 500_000_000, "those behind a slow one are late by what it took, and say so")
    #expect(schedule.next(nowNs: nowNs) == .over)
  }

  @Test func aLearnerMakesOneCallAtATimeAndAllTakeTurns() {
    var schedule = LoadSchedule(rate: 1_000, requests: 6_000, learners: 3, startNs: 0)
    #expect(schedule.next(nowNs: 0) == .play(learner: 0, intendedNs: 0))
    #expect(schedule.next(nowNs: 0) == .play(learner: 1, intendedNs: 1_000_000))
    #expect(schedule.next(nowNs: 0) == .play(learner: 2, intendedNs: 2_000_000))
    #expect(schedule.next(nowNs: 9_000_000) == .wait(untilNs: nil), "no learner is free")
    schedule.back(1)
    #expect(schedule.next(nowNs: 9_000_000) == .play(learner: 1, intendedNs: 3_000_000), "late, by its own time")
    schedule.back(0)
    schedule.back(2)
    var calls = [0, 0, 0]
    for number in 4..<5_000 {
      guard case .play(let learner, let intendedNs) = schedule.next(nowNs: 0) else {
        Issue.record("no turn \(number)")
        return
      }
      #expect(intendedNs == Int64(number) * 1_000_000)
      calls[learner] += 1
      schedule.back(learner)
    }
    #expect(calls[0] == calls[2] && calls[1] == 0 && calls[0] == 2_498)
  }

  @Test func whoIsAskedToWaitRests() {
    var schedule = LoadSchedule(rate: 10, requests: 10, learners: 2, startNs: 0)
    guard case .play(let first, _) = schedule.next(nowNs: 0), case .play(let second, _) = schedule.next(nowNs: 0) else {
      Issue.record("two are free")
      return
    }
    schedule.back(first, restingUntilNs: 800)
    schedule.back(second, restingUntilNs: 500)
    #expect(schedule.next(nowNs: 400) == .wait(untilNs: 500))
    #expect(schedule.next(nowNs: 500) == .play(learner: second, intendedNs: 200_000_000))
    #expect(schedule.next(nowNs: 799) == .wait(untilNs: 800))
    schedule.stop()
    #expect(schedule.next(nowNs: 900) == .over)
  }
}
