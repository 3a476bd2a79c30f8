import CLZ4

/// Reads a stream of compressed frames that arrives in arbitrary pieces. Trusts nothing: sizes are bounded before
/// anything is allocated, the checksum is verified before the payload is looked at, and LZ4 is held to the size the
/// frame claims.
package struct FrameDecompressor {
  /// Bytes of a frame that is not complete yet.
  private var pending: [UInt8] = []
  private var plain: [UInt8] = []

  package init() {}

  /// True if the bytes fed so far end with the end of a frame.
  package var isAtBoundary: Bool { pending.isEmpty }

  /// Takes the next piece and passes on the content of each frame completed by it.
  /// Throws `.protocolViolation` for an impossible size, an unknown method, a wrong checksum or broken LZ4 data.
  package mutating func feed(
    _ bytes: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) -> Void
  ) throws(ClickHouseError) {
    if pending.isEmpty {
      let used = try consume(bytes, emit)
      pending.append(contentsOf: bytes[used...])
      return
    }
    pending.append(contentsOf: bytes)
    // Taken out so that `consume`, which writes to `plain`, does not overlap with reading `pending`.
    var all: [UInt8] = []
    swap(&all, &pending)
    var used = 0
    var failure: ClickHouseError?
    all.withUnsafeBytes { whole in
      do throws(ClickHouseError) { used = try consume(whole, emit) } catch { failure = error }
    }
    if let failure { throw failure }
    all.removeFirst(used)
    pending = all
  }

  /// All of a complete stream at once.
  package static func decompress(_ bytes: [UInt8]) throws(ClickHouseError) -> [UInt8] {
    var decompressor = FrameDecompressor()
    var result: [UInt8] = []
    var failure: ClickHouseError?
    bytes.withUnsafeBytes { whole in
      do throws(ClickHouseError) {
        try decompressor.feed(whole) { result.append(contentsOf: $0) }
      } catch { failure = error }
    }
    if let failure { throw failure }
    guard decompressor.isAtBoundary else {
      throw .protocolViolation("the data ends in the middle of a compressed frame")
    }
    return result
  }

  /// Passes on the frames at the start of `bytes`; returns how many bytes they took.
  private mutating func consume(
    _ bytes: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) -> Void
  ) throws(ClickHouseError) -> Int {
    var offset = 0
    let prefix = CompressedFrame.checksumSize + CompressedFrame.headerSize
    while bytes.count - offset >= prefix {
      let frame = UnsafeRawBufferPointer(rebasing: bytes[offset...])
      let hashed = Int(UInt32(littleEndian: frame.loadUnaligned(fromByteOffset: 17, as: UInt32.self)))
      let plainSize = Int(UInt32(littleEndian: frame.loadUnaligned(fromByteOffset: 21, as: UInt32.self)))
      guard hashed >= CompressedFrame.headerSize, hashed <= CompressedFrame.acceptedSize,
        plainSize <= CompressedFrame.acceptedSize
      else {
        throw .protocolViolation(
          "a compressed frame claims \(hashed) bytes that hold \(plainSize); at most \(CompressedFrame.acceptedSize) are read"
        )
      }
      let size = CompressedFrame.checksumSize + hashed
      guard frame.count >= size else { break }
      let content = UnsafeRawBufferPointer(rebasing: frame[CompressedFrame.checksumSize..<size])
      let claimed = CityHash128.Value(
        low: UInt64(littleEndian: frame.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        high: UInt64(littleEndian: frame.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
      guard CityHash128.hash(content) == claimed else {
        throw .protocolViolation("the checksum of a compressed frame is wrong: the data was damaged on its way")
      }
      try open(UnsafeRawBufferPointer(rebasing: content[CompressedFrame.headerSize...]), content[0], plainSize, emit)
      offset += size
    }
    return offset
  }

  private mutating func open(
    _ payload: UnsafeRawBufferPointer, _ method: UInt8, _ plainSize: Int, _ emit: (UnsafeRawBufferPointer) -> Void
  ) throws(ClickHouseError) {
    switch method {
    case CompressedFrame.methodNone:
      guard payload.count == plainSize else {
        throw .protocolViolation("an uncompressed frame holds \(payload.count) bytes but claims \(plainSize)")
      }
      if plainSize > 0 { emit(payload) }
    case CompressedFrame.methodLZ4:
      if plain.count < plainSize { plain.append(contentsOf: repeatElement(0, count: plainSize - plain.count)) }
      let written = plain.withUnsafeMutableBytes { target -> Int in
        guard payload.count > 0 else { return plainSize == 0 ? 0 : -1 }
        guard let start = target.baseAddress else { return -1 }
        return Int(
          LZ4_decompress_safe(
            payload.baseAddress!.assumingMemoryBound(to: CChar.self), start.assumingMemoryBound(to: CChar.self),
            Int32(payload.count), Int32(plainSize)))
      }
      guard written == plainSize else {
        throw .protocolViolation("the LZ4 data of a compressed frame is broken")
      }
      plain.withUnsafeBytes { if plainSize > 0 { emit(UnsafeRawBufferPointer(rebasing: $0[..<plainSize])) } }
    default:
      throw .protocolViolation("a compressed frame uses method \(method); only LZ4 and none are understood")
    }
  }
}
