import Blocking
import Testing

@Suite struct RetryPolicyTests {
  private let policy = RetryPolicy(first: .milliseconds(100), longest: .seconds(10))

  @Test func waitsDoubleUntilTheLongest() {
    let waits = (1...9).map { policy.ceiling(afterFailures: $0) }
    let expected: [Duration] = [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000].map { .milliseconds($0) }
    #expect(waits == expected)
    #expect(policy.ceiling(afterFailures: .max) == .seconds(10))
  }

  @Test func jitterOnlyShortens() {
    for failures in 1...20 {
      let ceiling = policy.ceiling(afterFailures: failures)
      let delay = policy.delay(afterFailures: failures)
      #expect(delay <= ceiling && delay >= ceiling / 2)
    }
  }
}
