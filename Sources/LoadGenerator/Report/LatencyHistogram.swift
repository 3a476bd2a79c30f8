import Histogram

/// Latencies in microseconds, three significant digits, up to a day.
package struct LatencyHistogram: Sendable {
  private static let highest: UInt64 = 86_400_000_000
  private var histogram = Histogram<UInt64>(
    highestTrackableValue: Self.highest, numberOfSignificantValueDigits: .three)

  package init() {}

  package var count: Int { Int(histogram.totalCount) }

  package mutating func record(nanoseconds: Int64) {
    histogram.record(min(Self.highest, UInt64(max(0, nanoseconds)) / 1_000))
  }

  /// In milliseconds; nil without a record.
  package var summary: LatencySummary? {
    guard count > 0 else { return nil }
    func at(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1_000 }
    return LatencySummary(
      p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: Double(histogram.max) / 1_000,
      mean: histogram.mean / 1_000)
  }
}

/// A latency distribution, in milliseconds.
package struct LatencySummary: Sendable, Encodable {
  package let p50: Double
  package let p90: Double
  package let p99: Double
  package let p999: Double
  package let max: Double
  package let mean: Double
}
