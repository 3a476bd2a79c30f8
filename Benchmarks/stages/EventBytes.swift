import EventSchema
import Foundation
import LoadGenerator

/// Generated events end to end in one allocation, as the collector's buffers hold them.
final class EventBytes {
  let bytes: UnsafeRawBufferPointer
  private var ends: [Int] = []
  private let nowMs: Int64

  init(count: Int) {
    nowMs = Int64(Date().timeIntervalSince1970 * 1000)
    let source = SyntheticSource(
      WorldConfiguration(seed: 1, events: count, startMs: nowMs - 86_400_000, endMs: nowMs))
    var all: [UInt8] = []
    while let message = source.next() {
      all.append(contentsOf: message.value)
      ends.append(all.count)
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: all.count + EventDecoder.padding, alignment: 64)
    memory.copyBytes(from: all)
    bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<all.count])
  }

  deinit { bytes.deallocate() }

  func decode(with decoder: inout EventDecoder, into columns: EventColumns) {
    var start = 0
    for (offset, end) in ends.enumerated() {
      let message = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      _ = decoder.decode(message, offset: Int64(offset), kafkaTimestampMs: nowMs, into: columns)
      start = end
    }
  }
}
