import Foundation

/// Bytes that grow while they are unpacked and then stay where they are, so that SQLite may read them in place.
final class UnpackedBytes {
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private(set) var count = 0

  deinit { free(memory.baseAddress) }

  /// A copy.
  var array: [UInt8] { withExtendedLifetime(self) { Array(bytes) } }

  /// Good for as long as this object is held.
  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[..<count]) }

  func append(_ chunk: UnsafeRawBufferPointer) {
    guard !chunk.isEmpty else { return }
    if count + chunk.count > memory.count {
      let capacity = max(64 << 10, memory.count * 2, count + chunk.count)
      // As wherever Swift itself finds no memory; how much is asked for is bounded before.
      guard let grown = realloc(memory.baseAddress, capacity) else { fatalError("there is no memory to unpack into") }
      memory = UnsafeMutableRawBufferPointer(start: grown, count: capacity)
    }
    UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: chunk)
    count += chunk.count
  }
}
