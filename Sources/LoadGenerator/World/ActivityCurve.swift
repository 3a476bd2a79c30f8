import Glibc

/// When people learn: a daily and a weekly rhythm, some growth, and better and worse days, over a span of time.
package struct ActivityCurve: Sendable {
  private let startMs: Int64
  private let bucketMs: Double
  /// Share of all activity up to the end of each bucket; the last is 1.
  private let cumulative: [Double]

  /// Relative activity by hour of the day (UTC): quiet nights, a lunch break, busy evenings.
  private static let hours: [Double] = [
    0.35, 0.2, 0.12, 0.1, 0.12, 0.25, 0.6, 1.1, 1.5, 1.4, 1.3, 1.35, 1.5, 1.3, 1.2, 1.25, 1.4, 1.7, 2.0, 2.3, 2.4, 2.0,
    1.3, 0.7,
  ]
  /// The same by day of the week, Monday first.
  private static let weekdays: [Double] = [1.15, 1.2, 1.15, 1.1, 0.85, 0.7, 1.0]

  package init(startMs: Int64, endMs: Int64, seed: UInt64) {
    self.startMs = startMs
    let span = Double(max(1, endMs - startMs))
    let buckets = max(1, min(20_000, Int(span / 900_000)))
    bucketMs = span / Double(buckets)
    var sums: [Double] = []
    var sum = 0.0
    for bucket in 0..<buckets {
      let progress = (Double(bucket) + 0.5) / Double(buckets)
      let middle = startMs + Int64((Double(bucket) + 0.5) * bucketMs)
      sum += Self.weight(atMs: middle, seed: seed) * (1 + 0.6 * progress)
      sums.append(sum)
    }
    cumulative = sums.map { $0 / sum }
  }

  /// The time by which a share (0…1) of all activity has happened.
  package func time(ofShare share: Double) -> Int64 {
    guard share < 1 else { return startMs + Int64(bucketMs * Double(cumulative.count)) }
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > share { high = middle } else { low = middle + 1 }
    }
    let before = low == 0 ? 0 : cumulative[low - 1]
    let within = (share - before) / max(cumulative[low] - before, .leastNormalMagnitude)
    return startMs + Int64((Double(low) + min(max(within, 0), 1)) * bucketMs)
  }

  private static func weight(atMs ms: Int64, seed: UInt64) -> Double {
    let hour = Double(ms) / 3_600_000
    let floored = hour.rounded(.down)
    let first = hours[Int(floored.truncatingRemainder(dividingBy: 24) + 24) % 24]
    let second = hours[(Int(floored.truncatingRemainder(dividingBy: 24) + 24) + 1) % 24]
    let hourly = first + (second - first) * (hour - floored)
    let day = Int64((hour / 24).rounded(.down))
    // 1970-01-01 was a Thursday.
    let weekly = weekdays[Int((day % 7 + 7 + 3) % 7)]
    let noise = 0.85 + 0.3 * Double(SeededGenerator.mix(seed ^ UInt64(bitPattern: day)) &>> 40) / Double(1 << 24)
    return hourly * weekly * noise
  }
}
