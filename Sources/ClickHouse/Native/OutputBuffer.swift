/// Bytes appended at the end of memory that is kept between uses.
struct OutputBuffer: ~Copyable {
  private var start: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = max(capacity, 64)
    start = .allocate(byteCount: self.capacity, alignment: 64)
  }

  deinit { start.deallocate() }

  /// Valid until the next change.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  mutating func clear() { count = 0 }

  /// Room for `size` more bytes, to be claimed with `advance`.
  @inline(__always) mutating func reserve(_ size: Int) -> UnsafeMutableRawPointer {
    if capacity &- count < size { grow(size) }
    return start + count
  }

  @inline(__always) mutating func advance(_ size: Int) { count &+= size }

  @inline(never) private mutating func grow(_ size: Int) {
    capacity = max(capacity * 2, count + size)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    larger.copyMemory(from: start, byteCount: count)
    start.deallocate()
    start = larger
  }

  @inline(__always) mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count).copyMemory(from: source, byteCount: bytes.count)
    count &+= bytes.count
  }

  @inline(__always) mutating func append<T: FixedWidthInteger>(_ value: T) {
    reserve(MemoryLayout<T>.size).storeBytes(of: value.littleEndian, as: T.self)
    count &+= MemoryLayout<T>.size
  }

  /// ClickHouse's variable-length unsigned integer: 7 bits a byte, lowest first.
  @inline(__always) mutating func append(varint value: Int) {
    let target = reserve(10)
    var rest = UInt64(value)
    var size = 0
    while rest >= 0x80 {
      target.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: size, as: UInt8.self)
      rest >>= 7
      size &+= 1
    }
    target.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: size, as: UInt8.self)
    count &+= size &+ 1
  }

  /// Length and UTF-8 bytes.
  mutating func append(_ text: String) {
    var text = text
    text.withUTF8 {
      append(varint: $0.count)
      append(UnsafeRawBufferPointer($0))
    }
  }
}
