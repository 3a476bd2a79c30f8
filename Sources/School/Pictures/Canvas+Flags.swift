extension Canvas {
  /// A flag of 240 × 160.
  /// - Parameter colors: two or three; from left to right, from top to bottom, or from the field inwards.
  init(_ layout: Picture.Layout, _ colors: [Color]) {
    self.init(width: 240, height: 160, colors[0])
    let (width, height) = (width, height)
    switch layout {
    case .vertical:
      for (index, color) in colors.enumerated() {
        rectangle(x: width * index / colors.count..<width * (index + 1) / colors.count, y: 0..<height, color)
      }
    case .horizontal:
      for (index, color) in colors.enumerated() {
        rectangle(x: 0..<width, y: height * index / colors.count..<height * (index + 1) / colors.count, color)
      }
    case .cross:
      // Nordic: the upright is nearer to the mast. A cross in the cross is half as wide.
      for (color, half) in zip(colors.dropFirst(), colors.count == 3 ? [20, 10] : [14]) {
        rectangle(x: 86 - half..<86 + half, y: 0..<height, color)
        rectangle(x: 0..<width, y: height / 2 - half..<height / 2 + half, color)
      }
    case .plus:
      rectangle(x: width / 2 - 16..<width / 2 + 16, y: 30..<height - 30, colors[1])
      rectangle(x: width / 2 - 50..<width / 2 + 50, y: height / 2 - 16..<height / 2 + 16, colors[1])
    case .disc:
      let radius = Double(height) * 0.3
      fill(colors[1]) { x, y in
        let (dx, dy) = (x - Double(width) / 2, y - Double(height) / 2)
        return dx * dx + dy * dy <= radius * radius
      }
    }
  }
}
