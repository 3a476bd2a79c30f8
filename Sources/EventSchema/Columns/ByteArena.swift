/// A growing run of bytes with `slack` readable bytes after its end, so that eight can be read at any offset in use.
struct ByteArena: ~Copyable {
  static let slack = 8

  private(set) var base: UnsafeMutableRawPointer
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 4096) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity + Self.slack, alignment: 16)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity + Self.slack)
  }

  deinit { base.deallocate() }

  @inline(__always) mutating func append(_ bytes: UnsafeRawPointer, count added: Int) {
    if count &+ added > capacity { grow(by: added) }
    (base + count).copyMemory(from: bytes, byteCount: added)
    count &+= added
  }

  mutating func removeAll() { count = 0 }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  @inline(never) private mutating func grow(by added: Int) {
    let larger = max(capacity * 2, count + added)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: larger + Self.slack, alignment: 16)
    moved.copyMemory(from: base, byteCount: count)
    (moved + count).initializeMemory(as: UInt8.self, repeating: 0, count: larger + Self.slack - count)
    base.deallocate()
    base = moved
    capacity = larger
  }
}
