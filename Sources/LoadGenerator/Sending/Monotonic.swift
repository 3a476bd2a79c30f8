import Glibc

/// The monotonic clock, in nanoseconds; cheaper to read and to subtract than `ContinuousClock.Instant`.
package enum Monotonic {
  package static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
