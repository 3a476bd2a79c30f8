/// A cursor over bytes that are not to be trusted: every step checks that what it wants is there.
struct NativeReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  var remaining: Int { bytes.count - offset }

  mutating func take(_ count: Int, of what: @autoclosure () -> String) throws(ClickHouseError) -> UnsafeRawBufferPointer
  {
    guard count >= 0, count <= remaining else { throw truncated(what()) }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  /// `count` values laid out one after the other, little-endian as on this machine.
  mutating func array<T: BitwiseCopyable>(
    _ count: Int, of what: @autoclosure () -> String, as type: T.Type = T.self
  ) throws(ClickHouseError) -> [T] {
    let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<T>.stride)
    guard !overflow, size >= 0, size <= remaining else { throw truncated(what()) }
    let source = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + size])
    offset += size
    return [T](unsafeUninitializedCapacity: count) { target, initialized in
      UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
      initialized = count
    }
  }

  mutating func word(_ what: @autoclosure () -> String) throws(ClickHouseError) -> UInt64 {
    UInt64(littleEndian: try take(8, of: what()).loadUnaligned(as: UInt64.self))
  }

  mutating func varint(_ what: @autoclosure () -> String) throws(ClickHouseError) -> Int {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 56, by: 7) {
      guard offset < bytes.count else { throw truncated(what()) }
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return Int(value) }
    }
    throw .protocolViolation("the \(what()) in a Native block is no possible length")
  }

  mutating func text(_ what: @autoclosure () -> String) throws(ClickHouseError) -> String {
    String(decoding: try take(try varint(what()), of: what()), as: UTF8.self)
  }

  func truncated(_ what: String) -> ClickHouseError {
    .protocolViolation("a Native block ends within the \(what)")
  }
}
