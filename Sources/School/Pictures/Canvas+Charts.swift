import Glibc

extension Canvas {
  private static let size = 200

  /// The graph of a function over −5…5, with its axes.
  init(_ curve: Picture.Curve) {
    self.init(width: Self.size, height: Self.size)
    let unit = Double(Self.size) / 10
    let middle = Self.size / 2
    rectangle(x: 0..<Self.size, y: middle..<middle + 1, .grey)
    rectangle(x: middle..<middle + 1, y: 0..<Self.size, .grey)
    for mark in stride(from: 0, to: Self.size, by: Self.size / 10) {
      rectangle(x: mark..<mark + 1, y: middle - 2..<middle + 3, .grey)
      rectangle(x: middle - 2..<middle + 3, y: mark..<mark + 1, .grey)
    }
    // Ten steps a pixel: a steep curve has no gaps.
    for step in 0..<Self.size * 10 {
      let x = Double(step) / 10 / unit - 5
      let y = curve.value(x)
      guard y.isFinite, abs(y) <= 5.2 else { continue }
      let (column, row) = (step / 10, Int(Double(middle) - y * unit))
      rectangle(x: column..<column + 2, y: row..<row + 2, .ink)
    }
  }

  init(_ shape: Picture.Shape) {
    self.init(width: Self.size, height: Self.size)
    let (center, radius) = (Double(Self.size) / 2, Double(Self.size) * 0.42)
    func corners(_ points: [(Double, Double)]) -> [(x: Double, y: Double)] {
      points.map { (center + $0.0 * radius, center + $0.1 * radius) }
    }
    switch shape {
    case .regular(let count):
      polygon(
        (0..<count).map {
          let angle = 2 * Double.pi * Double($0) / Double(count) - .pi / 2
          return (center + radius * cos(angle), center + radius * sin(angle))
        }, .ink)
    case .square: polygon(corners([(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]), .ink)
    case .circle: fill(.ink) { x, y in (x - center) * (x - center) + (y - center) * (y - center) <= radius * radius }
    case .ellipse:
      fill(.ink) { x, y in
        let (dx, dy) = (x - center, (y - center) / 0.55)
        return dx * dx + dy * dy <= radius * radius
      }
    case .rhombus: polygon(corners([(0, -0.6), (1, 0), (0, 0.6), (-1, 0)]), .ink)
    case .parallelogram: polygon(corners([(-0.5, -0.55), (1, -0.55), (0.5, 0.55), (-1, 0.55)]), .ink)
    case .trapezium: polygon(corners([(-0.45, -0.55), (0.6, -0.55), (1, 0.55), (-1, 0.55)]), .ink)
    case .right: polygon(corners([(-0.8, -0.8), (-0.8, 0.8), (0.9, 0.8)]), .ink)
    }
  }

  /// - Parameter heights: 1…10 each.
  init(bars heights: [Int]) {
    self.init(width: 240, height: 160)
    let slot = (width - 20) / heights.count
    rectangle(x: 10..<width - 10, y: height - 11..<height - 10, .grey)
    for (index, bar) in heights.enumerated() {
      let left = 10 + index * slot + slot / 6
      rectangle(x: left..<left + slot * 2 / 3, y: height - 10 - bar * 14..<height - 11, .ink)
    }
  }
}
