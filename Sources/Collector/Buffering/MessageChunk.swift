import Kafka

/// A run of one partition's messages, copied out of librdkafka into one allocation.
///
/// Layout of a message: offset, timestamp, key length, value length (-1: tombstone), key, value, each message padded so
/// that the next begins at a multiple of 8, and so that a scanner may read 64 bytes past any value.
///
/// `@unchecked`: written only by the polling thread while it is the last of its lane, read by a worker only after it was
/// sealed; the lane's lock lies between.
package final class MessageChunk: @unchecked Sendable {
  static let standardCapacity = 64 << 10
  private static let headerSize = 32
  private static let padding = 64

  let memory: UnsafeMutableRawPointer
  let capacity: Int
  package private(set) var used = 0
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    memory = .allocate(byteCount: capacity + Self.padding, alignment: 64)
    (memory + capacity).initializeMemory(as: UInt8.self, repeating: 0, count: Self.padding)
  }

  deinit { memory.deallocate() }

  /// Bytes that a message takes.
  static func size(keyCount: Int, valueCount: Int) -> Int { (headerSize + keyCount + valueCount + 7) & ~7 }

  /// Appends a copy; false, and nothing done, when it does not fit.
  func append(_ message: borrowing BorrowedMessage) -> Bool {
    let valueCount = message.value?.count ?? 0
    let size = Self.size(keyCount: message.key.count, valueCount: valueCount)
    guard used + size <= capacity else { return false }
    let at = memory + used
    at.storeBytes(of: message.offset, as: Int64.self)
    at.storeBytes(of: message.timestampMs, toByteOffset: 8, as: Int64.self)
    at.storeBytes(of: Int64(message.key.count), toByteOffset: 16, as: Int64.self)
    at.storeBytes(of: message.value == nil ? -1 : Int64(valueCount), toByteOffset: 24, as: Int64.self)
    if let key = message.key.baseAddress { (at + Self.headerSize).copyMemory(from: key, byteCount: message.key.count) }
    if let value = message.value?.baseAddress {
      (at + Self.headerSize + message.key.count).copyMemory(from: value, byteCount: valueCount)
    }
    used += size
    count += 1
    return true
  }

  /// The message at byte `position`, and where the next one begins.
  package func message(at position: Int) -> (message: BufferedMessage, next: Int) {
    let at = UnsafeRawPointer(memory) + position
    let keyCount = Int(at.load(fromByteOffset: 16, as: Int64.self))
    let valueCount = Int(at.load(fromByteOffset: 24, as: Int64.self))
    let key = UnsafeRawBufferPointer(start: at + Self.headerSize, count: keyCount)
    let value =
      valueCount < 0 ? nil : UnsafeRawBufferPointer(start: at + Self.headerSize + keyCount, count: valueCount)
    return (
      BufferedMessage(
        offset: at.load(as: Int64.self), timestampMs: at.load(fromByteOffset: 8, as: Int64.self), key: key, value: value
      ),
      position + Self.size(keyCount: keyCount, valueCount: max(0, valueCount))
    )
  }

  func reset() {
    used = 0
    count = 0
  }
}

/// A message inside a chunk; valid as long as the chunk is.
package struct BufferedMessage {
  package let offset: Int64
  package let timestampMs: Int64
  package let key: UnsafeRawBufferPointer
  package let value: UnsafeRawBufferPointer?
}
