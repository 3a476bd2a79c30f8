/// A buffer for one string, with `EventDecoder.padding` readable bytes after whatever it holds.
struct Scratch: ~Copyable {
  private(set) var base: UnsafeMutableRawPointer
  private(set) var capacity: Int

  init(capacity: Int = 256) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity + EventDecoder.padding, alignment: 16)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity + EventDecoder.padding)
  }

  deinit { base.deallocate() }

  /// Room for `count` bytes; what it held is lost when it grows.
  mutating func room(_ count: Int) -> UnsafeMutableRawPointer {
    guard count > capacity else { return base }
    base.deallocate()
    capacity = max(count, capacity * 2)
    base = .allocate(byteCount: capacity + EventDecoder.padding, alignment: 16)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity + EventDecoder.padding)
    return base
  }
}
