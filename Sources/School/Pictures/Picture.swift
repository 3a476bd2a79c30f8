import Glibc

/// A picture of a card, drawn from a few words: a flag, a shape, the graph of a function, bars.
package enum Picture: Sendable, Equatable {
  package enum Layout: String, Sendable {
    case vertical = "v"
    case horizontal = "h"
    /// Field, cross, and perhaps a cross within it.
    case cross
    /// Field and a cross that touches no edge.
    case plus
    /// Field and disc.
    case disc
  }

  package enum Curve: String, Sendable, CaseIterable {
    case line = "x"
    case square, cube, abs, sqrt, inverse, exp, log, sin, cos
  }

  package enum Shape: Sendable, Equatable {
    case regular(Int)
    case square, circle, ellipse, rhombus, parallelogram, trapezium, right
  }

  /// Colours as six hexadecimal digits.
  case flag(Layout, [String])
  case plot(Curve)
  case shape(Shape)
  case bars([Int])

  /// As `flag v 0055A4 FFFFFF EF4135`, `plot sin`, `shape 5`, `bars 3 9 5`; nil for anything else.
  package init?(_ text: String) {
    let words = text.split(separator: " ").map(String.init)
    guard words.count > 1 else { return nil }
    switch words[0] {
    case "flag":
      let colors = Array(words.dropFirst(2))
      guard let layout = Layout(rawValue: words[1]), (2...3).contains(colors.count),
        colors.allSatisfy({ Canvas.Color($0) != nil })
      else { return nil }
      self = .flag(layout, colors)
    case "plot":
      guard let curve = Curve(rawValue: words[1]), words.count == 2 else { return nil }
      self = .plot(curve)
    case "shape":
      guard let shape = Shape(words[1]), words.count == 2 else { return nil }
      self = .shape(shape)
    case "bars":
      let heights = words.dropFirst().compactMap { Int($0) }
      guard heights.count == words.count - 1, heights.count <= 12, heights.allSatisfy({ (1...10).contains($0) }) else {
        return nil
      }
      self = .bars(heights)
    default: return nil
    }
  }

  /// The picture as a PNG file; the same bytes each time.
  package var png: [UInt8] {
    switch self {
    case .flag(let layout, let colors): Canvas(layout, colors.compactMap { Canvas.Color($0) }).png
    case .plot(let curve): Canvas(curve).png
    case .shape(let shape): Canvas(shape).png
    case .bars(let heights): Canvas(bars: heights).png
    }
  }
}

extension Picture.Shape {
  init?(_ word: String) {
    switch word {
    case "square": self = .square
    case "circle": self = .circle
    case "ellipse": self = .ellipse
    case "rhombus": self = .rhombus
    case "parallelogram": self = .parallelogram
    case "trapezium": self = .trapezium
    case "right": self = .right
    default:
      guard let corners = Int(word), (3...12).contains(corners) else { return nil }
      self = .regular(corners)
    }
  }
}

extension Picture.Curve {
  /// Its value; not finite where it has none.
  func value(_ x: Double) -> Double {
    switch self {
    case .line: x
    case .square: x * x
    case .cube: x * x * x
    case .abs: Swift.abs(x)
    case .sqrt: x.squareRoot()
    case .inverse: 1 / x
    case .exp: Glibc.exp2(x)
    case .log: Glibc.log2(x)
    case .sin: Glibc.sin(x)
    case .cos: Glibc.cos(x)
    }
  }
}
