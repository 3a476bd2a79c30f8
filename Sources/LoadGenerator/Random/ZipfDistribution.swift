import Glibc

/// Ranks 0, 1, 2 … below `count`, rank `r` drawn in proportion to `1 / (r + 1)^skew`; constant time and memory.
///
/// Source: Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions" (1996).
package struct ZipfDistribution: Sendable {
  private let count: Double
  private let skew: Double
  private let top: Double
  private let bottom: Double
  private let shortcut: Double

  /// - Parameters:
  ///   - count: number of ranks, at least 1.
  ///   - skew: 0 for all alike; about 1 for what people usually do.
  package init(count: Int, skew: Double) {
    self.count = Double(max(1, count))
    self.skew = skew
    top = Self.integral(1.5, skew) - 1
    bottom = Self.integral(self.count + 0.5, skew)
    shortcut = 2 - Self.inverse(Self.integral(2.5, skew) - Self.density(2, skew), skew)
  }

  package func next(using generator: inout SeededGenerator) -> Int {
    while true {
      let u = bottom + generator.unit() * (top - bottom)
      let x = Self.inverse(u, skew)
      let k = min(max(x.rounded(), 1), count)
      if k - x <= shortcut || u >= Self.integral(k + 0.5, skew) - Self.density(k, skew) { return Int(k) - 1 }
    }
  }

  private static func density(_ x: Double, _ skew: Double) -> Double { exp(-skew * log(x)) }

  /// The integral of the density, and its inverse; written so that a skew of 1 is no special case.
  private static func integral(_ x: Double, _ skew: Double) -> Double {
    let logarithm = log(x)
    let t = (1 - skew) * logarithm
    return logarithm * (abs(t) > 1e-8 ? expm1(t) / t : 1 + t / 2)
  }

  private static func inverse(_ x: Double, _ skew: Double) -> Double {
    let t = max(-1, x * (1 - skew))
    return exp(x * (abs(t) > 1e-8 ? log1p(t) / t : 1 - t / 2))
  }
}
