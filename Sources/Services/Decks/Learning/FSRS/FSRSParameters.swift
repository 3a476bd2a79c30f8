/// The 21 weights w0…w20 of FSRS-6, each within its bounds.
///
/// Source: py-fsrs 6.3 and fsrs-rs, which have the same defaults and bounds.
package struct FSRSParameters: Sendable, Equatable {
  package let weights: [Double]

  package static let standard = FSRSParameters(checked: [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629, 1.6483,
    0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
  ])

  package static let bounds: [ClosedRange<Double>] = [
    0.001...100, 0.001...100, 0.001...100, 0.001...100, 1...10, 0.001...4, 0.001...4, 0.001...0.75, 0...4.5, 0...0.8,
    0.001...3.5, 0.001...5, 0.001...0.25, 0.001...0.9, 0...4, 0...1, 1...6, 0...2, 0...2, 0...0.8, 0.1...0.8,
  ]

  package init(_ weights: [Double]) throws(FSRSParameterError) {
    guard weights.count == Self.bounds.count else { throw .wrongCount(weights.count) }
    for (index, weight) in weights.enumerated() where !Self.bounds[index].contains(weight) {
      throw .outOfBounds(index: index, value: weight)
    }
    self.weights = weights
  }

  private init(checked weights: [Double]) {
    self.weights = weights
  }

  subscript(index: Int) -> Double { weights[index] }
}

package enum FSRSParameterError: Error, Equatable, CustomStringConvertible {
  case wrongCount(Int)
  case outOfBounds(index: Int, value: Double)

  package var description: String {
    switch self {
    case .wrongCount(let count): "FSRS-6 has \(FSRSParameters.bounds.count) parameters; \(count) were given"
    case .outOfBounds(let index, let value):
      "parameter w\(index) is \(value); it must be within \(FSRSParameters.bounds[index])"
    }
  }
}
