import Blocking
import ClickHouse
import Collector
import Testing

@Suite struct LaneStateTests {
  private let now = ContinuousClock.now
  private let retry = RetryPolicy(first: .milliseconds(100), longest: .milliseconds(350), jitter: 0)
  private let refused = StepFailure.clickHouse(.server(code: 252, name: "TOO_MANY_PARTS", message: ""))

  private func take(_ event: LaneState.Event, _ state: inout LaneState) -> LaneState.Action {
    var random = SeededGenerator(seed: 1)
    return state.take(event, at: now, retry: retry, using: &random)
  }

  @Test func aRangeGoesOnAsLongAsItHasSteps() {
    var state = LaneState()
    #expect(take(.stepBegan, &state) == .proceed)
    #expect(take(.stepDone(hasNext: true), &state) == .proceed)
    #expect(state.isBusy)
    #expect(take(.stepDone(hasNext: false), &state) == .release)
    #expect(state.phase == .idle)
  }

  @Test func aFailureGivesTheLaneBackForLongerEachTime() {
    var state = LaneState()
    for wait in [100, 200, 350, 350] {
      _ = take(.stepBegan, &state)
      #expect(take(.stepFailed(refused), &state) == .release)
      #expect(state.phase == .waiting(until: now + .milliseconds(wait)))
      #expect(!state.isBusy && state.isFailing)
      #expect(state.wait(at: now) != nil && state.wait(at: now + .milliseconds(wait)) == nil)
    }
    _ = take(.stepBegan, &state)
    #expect(state.isRetrying)
    #expect(take(.stepDone(hasNext: true, isPreparation: true), &state) == .proceed)
    #expect(state.isRetrying, "a renewed lease has mended nothing yet")
    _ = take(.stepDone(hasNext: false), &state)
    #expect(!state.isFailing)
  }

  @Test func waitingForOthersIsNoFailure() {
    var state = LaneState()
    _ = take(.stepBegan, &state)
    #expect(take(.stepFailed(.notYet(milliseconds: 60_000)), &state) == .release)
    #expect(state.phase == .waiting(until: now + .seconds(5)), "the ledger is asked anew")
    #expect(!state.isFailing)
  }

  @Test func whatWaitingCannotMendHalts() {
    var state = LaneState()
    _ = take(.stepBegan, &state)
    let data = StepFailure.clickHouse(.server(code: 27, name: "CANNOT_PARSE_INPUT_ASSERTION_FAILED", message: "x"))
    guard case .halt(let why) = take(.stepFailed(data), &state) else {
      Issue.record("\(state)")
      return
    }
    #expect(why.contains("CANNOT_PARSE"))
  }

  @Test func aLaneGivenUpStaysSo() {
    var state = LaneState()
    _ = take(.stepBegan, &state)
    #expect(take(.stepFailed(.messagesEncoded), &state) == .takeOver)
    #expect(take(.stepBegan, &state) == .release)
    #expect(state.phase == .givenUp && !state.isBusy)
  }
}
