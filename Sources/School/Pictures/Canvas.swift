/// A small picture in memory, 3 bytes a pixel.
struct Canvas: Sendable {
  struct Color: Sendable, Equatable {
    let red, green, blue: UInt8

    static let white = Color(red: 255, green: 255, blue: 255)
    static let grey = Color(red: 170, green: 170, blue: 170)
    static let ink = Color(red: 38, green: 70, blue: 120)

    init(red: UInt8, green: UInt8, blue: UInt8) {
      self.red = red
      self.green = green
      self.blue = blue
    }

    /// Six hexadecimal digits; nil for anything else.
    init?(_ text: some StringProtocol) {
      guard text.utf8.count == 6, text.allSatisfy(\.isHexDigit), let number = UInt32(text, radix: 16) else {
        return nil
      }
      self.init(
        red: UInt8(number >> 16), green: UInt8(number >> 8 & 255), blue: UInt8(number & 255))
    }
  }

  let width: Int
  let height: Int
  private(set) var bytes: [UInt8]

  init(width: Int, height: Int, _ color: Color = .white) {
    self.width = width
    self.height = height
    bytes = []
    bytes.reserveCapacity(width * height * 3)
    for _ in 0..<width * height { bytes += [color.red, color.green, color.blue] }
  }

  /// Colours one pixel; one outside is none.
  mutating func set(_ x: Int, _ y: Int, _ color: Color) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    let start = (y * width + x) * 3
    (bytes[start], bytes[start + 1], bytes[start + 2]) = (color.red, color.green, color.blue)
  }

  /// Colours the pixels whose middle is inside.
  mutating func fill(_ color: Color, where isInside: (_ x: Double, _ y: Double) -> Bool) {
    for y in 0..<height {
      for x in 0..<width where isInside(Double(x) + 0.5, Double(y) + 0.5) { set(x, y, color) }
    }
  }

  mutating func rectangle(x: Range<Int>, y: Range<Int>, _ color: Color) {
    for row in y { for column in x { set(column, row, color) } }
  }

  /// Fills a polygon, by the even-odd rule.
  mutating func polygon(_ corners: [(x: Double, y: Double)], _ color: Color) {
    fill(color) { x, y in
      var isInside = false
      for (index, corner) in corners.enumerated() {
        let other = corners[(index + 1) % corners.count]
        guard (corner.y > y) != (other.y > y) else { continue }
        if x < corner.x + (other.x - corner.x) * (y - corner.y) / (other.y - corner.y) { isInside.toggle() }
      }
      return isInside
    }
  }
}
