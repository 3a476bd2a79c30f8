/// Stops asking an upstream that does not answer: the rules alone, without a clock. Times are nanoseconds of a monotonic clock.
///
/// Closed, it counts; it opens when, of at least ``leastRequests`` in the last ten seconds, half have failed. Open, it refuses
/// for ``openTime``; then a single request is let through as a probe, by whose outcome it closes or opens again.
package struct CircuitBreaker {
  package enum Admission: Equatable {
    case admitted
    /// Its outcome decides.
    case probe
    case refused(retryAfterNs: Int64)
  }

  package enum State: Equatable {
    case closed
    case open(until: Int64)
    case halfOpen(isProbing: Bool)
  }

  package static let leastRequests = 20
  package static let bucketNs: Int64 = 1_000_000_000
  package static let bucketCount = 10
  package static let openTime: Int64 = 1_000_000_000

  private struct Bucket {
    var second: Int64 = -1
    var requests = 0
    var failures = 0
  }

  package private(set) var state = State.closed
  private var buckets = [Bucket](repeating: Bucket(), count: bucketCount)

  package init() {}

  package mutating func admit(_ now: Int64) -> Admission {
    switch state {
    case .closed: return .admitted
    case .open(let until) where now < until: return .refused(retryAfterNs: until - now)
    case .halfOpen(isProbing: true): return .refused(retryAfterNs: Self.openTime)
    case .open, .halfOpen(isProbing: false):
      state = .halfOpen(isProbing: true)
      return .probe
    }
  }

  /// The upstream has answered, whatever its answer.
  package mutating func succeeded(_ now: Int64, isProbe: Bool) {
    if isProbe { close() }
    count(now, failed: false)
  }

  package mutating func failed(_ now: Int64, isProbe: Bool) {
    if isProbe {
      state = .open(until: now + Self.openTime)
      return
    }
    // What began before it opened says nothing new.
    guard state == .closed else { return }
    count(now, failed: true)
    let recent = buckets.filter { $0.second > now / Self.bucketNs - Int64(Self.bucketCount) }
    let requests = recent.reduce(0) { $0 + $1.requests }
    let failures = recent.reduce(0) { $0 + $1.failures }
    if requests >= Self.leastRequests, failures * 2 >= requests { state = .open(until: now + Self.openTime) }
  }

  /// The request ended without telling anything of the upstream.
  package mutating func abandoned(isProbe: Bool) {
    if isProbe { state = .halfOpen(isProbing: false) }
  }

  private mutating func close() {
    state = .closed
    buckets = [Bucket](repeating: Bucket(), count: Self.bucketCount)
  }

  private mutating func count(_ now: Int64, failed: Bool) {
    let second = now / Self.bucketNs
    let index = Int(second % Int64(Self.bucketCount))
    if buckets[index].second != second { buckets[index] = Bucket(second: second) }
    buckets[index].requests += 1
    if failed { buckets[index].failures += 1 }
  }
}
