import Gateway
import Testing

@Suite struct CircuitBreakerTests {
  private static let second: Int64 = 1_000_000_000

  @Test func itOpensAtHalfOfTwentyAndNotBefore() {
    var breaker = CircuitBreaker()
    for _ in 0..<10 { breaker.succeeded(0, isProbe: false) }
    for _ in 0..<9 { breaker.failed(0, isProbe: false) }
    // Nineteen, nine of them failed.
    #expect(breaker.admit(0) == .admitted)
    breaker.failed(0, isProbe: false)
    #expect(breaker.admit(0) == .refused(retryAfterNs: CircuitBreaker.openTime))
  }

  @Test func fewFailuresAreNoReason() {
    var breaker = CircuitBreaker()
    for _ in 0..<19 { breaker.failed(0, isProbe: false) }
    #expect(breaker.admit(0) == .admitted)
    breaker.failed(0, isProbe: false)
    #expect(breaker.admit(0) != .admitted)
  }

  @Test func failuresOlderThanTenSecondsAreForgotten() {
    var breaker = CircuitBreaker()
    for _ in 0..<19 { breaker.failed(0, isProbe: false) }
    breaker.failed(10 * Self.second, isProbe: false)
    #expect(breaker.admit(10 * Self.second) == .admitted)
    for _ in 0..<18 { breaker.failed(19 * Self.second, isProbe: false) }
    #expect(breaker.admit(19 * Self.second) == .admitted, "one of the 10th second and eighteen are nineteen")
    breaker.failed(19 * Self.second, isProbe: false)
    #expect(breaker.admit(19 * Self.second) != .admitted)
  }

  private func opened() -> CircuitBreaker {
    var breaker = CircuitBreaker()
    for _ in 0..<20 { breaker.failed(0, isProbe: false) }
    return breaker
  }

  @Test func oneProbeDecides() {
    var breaker = opened()
    let later = CircuitBreaker.openTime
    #expect(breaker.admit(later - 1) == .refused(retryAfterNs: 1))
    #expect(breaker.admit(later) == .probe)
    #expect(breaker.admit(later) != .probe, "one at a time")
    breaker.failed(later, isProbe: true)
    #expect(breaker.admit(later + 1) != .probe)
    #expect(breaker.admit(2 * later) == .probe)
    breaker.succeeded(2 * later, isProbe: true)
    #expect(breaker.state == .closed)
    // And what it had counted is forgotten.
    breaker.failed(2 * later, isProbe: false)
    #expect(breaker.admit(2 * later) == .admitted)
  }

  @Test func aProbeThatTellsNothingGivesItsPlaceToTheNext() {
    var breaker = opened()
    #expect(breaker.admit(CircuitBreaker.openTime) == .probe)
    breaker.abandoned(isProbe: true)
    #expect(breaker.admit(CircuitBreaker.openTime) == .probe)
  }

  @Test func whatBeganBeforeItOpenedDecidesNothing() {
    var breaker = opened()
    breaker.succeeded(1, isProbe: false)
    breaker.failed(2, isProbe: false)
    breaker.abandoned(isProbe: false)
    #expect(breaker.state == .open(until: CircuitBreaker.openTime))
  }

  @Test func retriesAreAFifthOfWhatIsUnderWayAndAtLeastThree() {
    var budget = RetryBudget()
    budget.began()
    #expect((0..<4).map { _ in budget.takeRetry() } == [true, true, true, false])
    budget.retryEnded()
    #expect(budget.takeRetry() && !budget.takeRetry())
    for _ in 0..<19 { budget.began() }
    #expect(budget.takeRetry() && !budget.takeRetry(), "a fifth of twenty are four")
    for _ in 0..<20 { budget.ended() }
    for _ in 0..<4 { budget.retryEnded() }
    #expect(budget.active == 0 && budget.retrying == 0)
  }
}
