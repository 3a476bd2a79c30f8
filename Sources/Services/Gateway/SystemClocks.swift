import Glibc

/// The two clocks, as plain numbers.
enum SystemClocks {
  /// Milliseconds since 1970.
  static func wallMs() -> Int64 { read(CLOCK_REALTIME) / 1_000_000 }

  /// Nanoseconds that never go back.
  static func monotonicNs() -> Int64 { read(CLOCK_MONOTONIC) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
