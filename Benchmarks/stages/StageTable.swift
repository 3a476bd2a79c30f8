import CLZ4
import ClickHouse
import Collector
import EventSchema
import Foundation
import LoadGenerator

/// Times each stage alone, on one thread, over the same events, and prints nanoseconds of CPU time an event: decoding
/// into columns, encoding a block of them, compressing it; beside each the floor, the least that moves the same bytes.
struct StageTable {
  private static let rows = 98_304
  let runs: Int

  private struct Stage {
    let name: String
    var samples: [Double] = []
  }

  func run() {
    let events = EventBytes(count: Self.rows)
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: Self.rows)
    let encoder = NativeBlockEncoder()
    let compressor = FrameCompressor()
    var stages = [
      "decode: JSON to columns", "  floor: memcpy of the messages", "encode: columns to a Native block",
      "  floor: memcpy of the block", "compress: block to LZ4 frames, checksummed",
      "  floor: liblz4 on the same megabytes",
    ].map { Stage(name: $0) }
    let copy = UnsafeMutableRawPointer.allocate(byteCount: max(events.bytes.count, 64 << 20), alignment: 64)
    defer { copy.deallocate() }
    // The first round warms caches and buffers, and is not counted.
    for round in 0...runs {
      let times = [
        nanoseconds {
          columns.reset()
          events.decode(with: &decoder, into: columns)
        },
        nanoseconds { copy.copyMemory(from: events.bytes.baseAddress!, byteCount: events.bytes.count) },
        nanoseconds {
          encoder.begin(columns: Catalogue.v1.columns.count, rows: columns.rowCount)
          encoder.append(columns)
        },
        nanoseconds { copy.copyMemory(from: encoder.bytes.baseAddress!, byteCount: encoder.bytes.count) },
        nanoseconds { _ = compressor.compress(encoder.bytes) },
        nanoseconds { Self.lz4(encoder.bytes, into: copy) },
      ]
      precondition(columns.rowCount == Self.rows, "every generated event is valid")
      if round > 0 { for index in stages.indices { stages[index].samples.append(times[index] / Double(Self.rows)) } }
    }
    let size = { (bytes: Int) in "\(bytes / Self.rows)" }
    print("CPU ns per event, one thread, blocks of \(Self.rows) rows, median of \(runs)")
    for stage in stages {
      let median = stage.samples.sorted()[stage.samples.count / 2]
      print(stage.name.padding(toLength: 48, withPad: " ", startingAt: 0) + String(format: "%8.1f", median))
    }
    print(
      "bytes an event: message \(size(events.bytes.count)), block \(size(encoder.bytes.count)),"
        + " frames \(size(compressor.frames.count))")
  }

  private func nanoseconds(_ work: () -> Void) -> Double {
    var begin = timespec()
    var end = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin)
    work()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
    return Double(end.tv_sec - begin.tv_sec) * 1e9 + Double(end.tv_nsec - begin.tv_nsec)
  }

  private static func lz4(_ plain: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer) {
    let target = target.assumingMemoryBound(to: CChar.self)
    for start in stride(from: 0, to: plain.count, by: 1 << 20) {
      let size = min(1 << 20, plain.count - start)
      let source = (plain.baseAddress! + start).assumingMemoryBound(to: CChar.self)
      let written = LZ4_compress_default(source, target, Int32(size), LZ4_compressBound(Int32(size)))
      precondition(written > 0, "LZ4 needs more room than it said")
    }
  }
}
