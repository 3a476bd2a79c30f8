import CLZ4

/// Turns encoded blocks into LZ4 frames. Keeps its buffers, so that once it has seen its largest input it allocates
/// nothing.
package final class FrameCompressor {
  private var output = OutputBuffer(capacity: 1 << 20)
  private let state: UnsafeMutableRawPointer
  private let acceleration: Int32

  /// - Parameter acceleration: LZ4's: 1 compresses best, each step more is a little faster and a little worse.
  package init(acceleration: Int32 = 1) {
    self.acceleration = acceleration
    state = .allocate(byteCount: Int(LZ4_sizeofState()), alignment: 16)
  }

  deinit { state.deallocate() }

  /// The frames since the last `reset`; valid until the next call and while the compressor lives.
  package var frames: UnsafeRawBufferPointer { output.bytes }

  package func reset() { output.clear() }

  /// Frames of just these bytes; valid until the next call and while the compressor lives.
  package func compress(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    reset()
    append(bytes)
    return frames
  }

  /// Appends frames of at most 1 MiB plain bytes each.
  package func append(_ bytes: UnsafeRawBufferPointer) {
    var offset = 0
    while offset < bytes.count {
      let size = min(CompressedFrame.payloadLimit, bytes.count - offset)
      appendFrame(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + size]))
      offset += size
    }
  }

  private func appendFrame(_ plain: UnsafeRawBufferPointer) {
    let prefix = CompressedFrame.checksumSize + CompressedFrame.headerSize
    let bound = LZ4_compressBound(Int32(plain.count))
    let frame = output.reserve(prefix + Int(bound))
    let size = LZ4_compress_fast_extState(
      state, plain.baseAddress!.assumingMemoryBound(to: CChar.self),
      (frame + prefix).assumingMemoryBound(to: CChar.self), Int32(plain.count), bound, acceleration)
    precondition(size > 0, "LZ4 needs more room than it said")
    let hashed = CompressedFrame.headerSize + Int(size)
    frame.storeBytes(of: CompressedFrame.methodLZ4, toByteOffset: 16, as: UInt8.self)
    frame.storeBytes(of: UInt32(hashed).littleEndian, toByteOffset: 17, as: UInt32.self)
    frame.storeBytes(of: UInt32(plain.count).littleEndian, toByteOffset: 21, as: UInt32.self)
    let checksum = CityHash128.hash(UnsafeRawBufferPointer(start: frame + CompressedFrame.checksumSize, count: hashed))
    frame.storeBytes(of: checksum.low.littleEndian, toByteOffset: 0, as: UInt64.self)
    frame.storeBytes(of: checksum.high.littleEndian, toByteOffset: 8, as: UInt64.self)
    output.advance(CompressedFrame.checksumSize + hashed)
  }
}
