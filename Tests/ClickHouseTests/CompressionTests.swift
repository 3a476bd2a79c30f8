import ClickHouse
import Testing

@Suite struct CompressionTests {
  /// Vectors of the reference implementation in C++ (through the PyPI package clickhouse-cityhash 1.0.2).
  @Test func cityHashVectors() throws {
    let lines = try GoldenFiles.lines("cityhash128.txt")
    #expect(lines.count > 100)
    for line in lines {
      let parts = line.split(separator: " ")
      let count = try #require(Int(parts[0]))
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 131 + 7 * ($0 >> 8) + count) }
      let hash = bytes.withUnsafeBytes { CityHash128.hash($0) }
      #expect(hash.low == UInt64(parts[1].prefix(16), radix: 16), "\(count) bytes")
      #expect(hash.high == UInt64(parts[1].suffix(16), radix: 16), "\(count) bytes")
    }
  }

  @Test func readsTheServersFrames() throws {
    let frames = try GoldenFiles.frames("event_like")
    #expect(try FrameDecompressor.decompress(frames) == GoldenFiles.block("event_like"))
  }

  @Test func writesTheServersFrames() throws {
    let frames = try GoldenFiles.frames("event_like")
    let block = try GoldenFiles.block("event_like")
    let compressor = FrameCompressor()
    let written = block.withUnsafeBytes { [UInt8](compressor.compress($0)) }
    withExtendedLifetime(compressor) { #expect(written == frames) }
  }

  @Test(arguments: [0, 1, 15, 1000, 1 << 20, (1 << 20) + 1, 3_500_000]) func roundTrips(_ size: Int) throws {
    var random = SeededGenerator(state: 7)
    let bytes = (0..<size).map { _ in UInt8.random(in: 0..<40, using: &random) }
    let compressor = FrameCompressor()
    let frames = bytes.withUnsafeBytes { [UInt8](compressor.compress($0)) }
    #expect(try FrameDecompressor.decompress(frames) == bytes)
    #expect(bytes.withUnsafeBytes { [UInt8](compressor.compress($0)) } == frames, "a used compressor gives the same")
  }

  @Test func framesMayArriveInPieces() throws {
    let block = try GoldenFiles.block("event_like")
    let frames = try GoldenFiles.frames("event_like") + GoldenFiles.frames("event_like")
    for piece in [1, 7, 25, 100, 4000] {
      var decompressor = FrameDecompressor()
      var result: [UInt8] = []
      for start in stride(from: 0, to: frames.count, by: piece) {
        try frames[start..<min(start + piece, frames.count)].withUnsafeBytes { bytes in
          try decompressor.feed(bytes) { result.append(contentsOf: $0) }
        }
      }
      #expect(decompressor.isAtBoundary)
      #expect(result == block + block)
    }
  }

  @Test func everyPrefixAndEveryFlippedBitIsRefused() throws {
    let frames = try GoldenFiles.frames("event_like")
    for length in 1..<frames.count {
      #expect(throws: ClickHouseError.self) { try FrameDecompressor.decompress(Array(frames.prefix(length))) }
    }
    for position in frames.indices {
      for bit in 0..<8 {
        var damaged = frames
        damaged[position] ^= 1 << UInt8(bit)
        #expect(throws: ClickHouseError.self) { try FrameDecompressor.decompress(damaged) }
      }
    }
  }

  /// A frame with a right checksum over hostile content.
  private func frame(method: UInt8, compressedSize: UInt32, plainSize: UInt32, payload: [UInt8]) -> [UInt8] {
    var content = [method]
    withUnsafeBytes(of: compressedSize.littleEndian) { content.append(contentsOf: $0) }
    withUnsafeBytes(of: plainSize.littleEndian) { content.append(contentsOf: $0) }
    content.append(contentsOf: payload)
    let hash = content.withUnsafeBytes { CityHash128.hash($0) }
    var result: [UInt8] = []
    withUnsafeBytes(of: hash.low.littleEndian) { result.append(contentsOf: $0) }
    withUnsafeBytes(of: hash.high.littleEndian) { result.append(contentsOf: $0) }
    return result + content
  }

  private func refusal(_ bytes: [UInt8]) -> String {
    do throws(ClickHouseError) {
      _ = try FrameDecompressor.decompress(bytes)
      return "accepted"
    } catch { return error.description }
  }

  @Test func hostileFramesAreRefusedForTheRightReason() {
    #expect(refusal(frame(method: 0x82, compressedSize: 0, plainSize: 4, payload: [])).contains("claims 0 bytes"))
    #expect(refusal(frame(method: 0x82, compressedSize: .max, plainSize: 4, payload: [1])).contains("at most"))
    #expect(refusal(frame(method: 0x82, compressedSize: 10, plainSize: .max, payload: [1])).contains("at most"))
    #expect(refusal(frame(method: 0x90, compressedSize: 10, plainSize: 4, payload: [1])).contains("method 144"))
    #expect(refusal(frame(method: 0x82, compressedSize: 10, plainSize: 4, payload: [0xff])).contains("LZ4"))
    #expect(refusal(frame(method: 0x82, compressedSize: 11, plainSize: 3, payload: [0x10, 1])).contains("LZ4"))
    #expect(refusal(frame(method: 0x02, compressedSize: 11, plainSize: 3, payload: [1, 2])).contains("claims 3"))
    #expect(refusal(frame(method: 0x02, compressedSize: 11, plainSize: 2, payload: [1, 2])) == "accepted")
    #expect(refusal(frame(method: 0x82, compressedSize: 9, plainSize: 0, payload: [])) == "accepted")
    #expect(refusal([UInt8](repeating: 0, count: 24)).contains("middle"))
  }
}
