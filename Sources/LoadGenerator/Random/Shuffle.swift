/// A fixed rearrangement of 0 ..< count, so that the busiest rank is not always number one.
struct Shuffle: Sendable {
  private let count: UInt64
  private let factor: UInt64
  private let offset: UInt64

  init(count: Int, seed: UInt64) {
    let count = UInt64(max(1, count))
    self.count = count
    // A prime that does not divide the count makes the multiplication a bijection modulo the count.
    factor = [7_919, 104_729, 1_299_709].first { count % $0 != 0 } ?? 15_485_863
    offset = seed % count
  }

  subscript(_ index: Int) -> Int { Int((UInt64(index) &* factor &+ offset) % count) }
}
