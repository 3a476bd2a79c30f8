import School
import Testing

/// The open loop by a clock of the test's own.
@Suite struct LoadScheduleTests {
  @Test func requestsAreIntendedAtTheirTimesWhateverBecameOfThoseBefore() {
    var schedule = LoadSchedule(rate: 200, requests: 400, learners: 50, startNs: 1_000, seed: 1)
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

  @Test func aLearnerMakesOneCallAtATime() {
    var schedule = LoadSchedule(rate: 1_000, requests: 10, learners: 3, startNs: 0, seed: 1)
    var away: Set<Int> = []
    for number in 0..<3 {
      guard case .play(let learner, let intendedNs) = schedule.next(nowNs: 0) else {
        Issue.record("no turn \(number)")
        return
      }
      #expect(intendedNs == Int64(number) * 1_000_000)
      away.insert(learner)
    }
    #expect(away == [0, 1, 2])
    #expect(schedule.next(nowNs: 9_000_000) == .wait(untilNs: nil), "no learner is free")
    schedule.back(1)
    #expect(schedule.next(nowNs: 9_000_000) == .play(learner: 1, intendedNs: 3_000_000), "late, by its own time")
  }

  /// In turns they would all do the same thing at the same time.
  @Test func learnersAreInDifferentPlacesOfTheirDays() {
    func calls(_ seed: UInt64) -> [Int] {
      var schedule = LoadSchedule(rate: 1_000, requests: 1_000, learners: 100, startNs: 0, seed: seed)
      var calls = [Int](repeating: 0, count: 100)
      while case .play(let learner, _) = schedule.next(nowNs: 0) {
        calls[learner] += 1
        schedule.back(learner)
      }
      return calls
    }
    let first = calls(1)
    #expect(first.reduce(0, +) == 1_000 && Set(first).count > 8 && (first.min() ?? 0) > 0, "\(first)")
    #expect(calls(1) == first && calls(2) != first)
  }

  @Test func whoIsAskedToWaitRests() {
    var schedule = LoadSchedule(rate: 10, requests: 10, learners: 2, startNs: 0, seed: 1)
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
