import HTTPTypes
import ServiceContract

/// A request that came a second ago to a service that takes 10 s, when the wall clock shows 1,000,000 ms.
enum DeadlineSample {
  static func left(_ header: String?, isVouchedFor: Bool) throws -> Duration {
    let deadline = RequestDeadline(longest: .seconds(10), wallClock: { 1_000_000 })
    let now = ContinuousClock.now
    var headers = HTTPFields()
    headers[.requestDeadline] = header
    return try deadline.instant(headers, arrival: now - .seconds(1), now: now, isVouchedFor: isVouchedFor) - now
  }
}
