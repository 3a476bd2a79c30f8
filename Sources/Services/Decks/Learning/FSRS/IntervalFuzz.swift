/// Spreads the due days of cards that were learned together, by an amount that is the same whenever one asks: a preview shows
/// what the answer then does.
package struct IntervalFuzz: Sendable, Equatable {
  private let fraction: Double

  /// - Parameters:
  ///   - card: its id.
  ///   - reviews: how often it was answered before.
  package init(card: Int64, reviews: Int) {
    // SplitMix64's finalizer: neighbours among ids and counts get fractions that have nothing in common.
    var bits = UInt64(bitPattern: card) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(reviews))
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    bits ^= bits >> 31
    fraction = Double(bits >> 11) * 0x1p-53
  }

  /// The interval to take instead of `days`; a longer one never becomes the shorter.
  package func spread(_ days: Int, longest: Int) -> Int {
    let range = Self.range(of: days, longest: longest)
    return range.lowerBound + Int(fraction * Double(range.count))
  }

  /// The days an interval may be spread over: up to 15, 10 and 5 percent of its part up to 7, up to 20 and beyond 20 days,
  /// and a day more. Source: py-fsrs 6.3.
  package static func range(of days: Int, longest: Int) -> ClosedRange<Int> {
    guard Double(days) >= 2.5 else { return days...days }
    let parts: [(from: Double, to: Double, share: Double)] = [(2.5, 7, 0.15), (7, 20, 0.1), (20, .infinity, 0.05)]
    let delta = parts.reduce(1.0) { $0 + $1.share * max(0, min(Double(days), $1.to) - $1.from) }
    let last = min(Int((Double(days) + delta).rounded(.toNearestOrEven)), longest)
    let first = max(2, Int((Double(days) - delta).rounded(.toNearestOrEven)))
    return min(first, last)...last
  }
}
