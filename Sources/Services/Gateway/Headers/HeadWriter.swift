import Glibc
import NIOCore

/// Writes the head of a message as bytes, into memory that was measured for it. Names and values have been parsed, or are the
/// gateway's own: none of them holds the end of a line.
struct HeadWriter: FieldSink {
  private let start: UnsafeMutableRawPointer
  private let capacity: Int
  private(set) var count = 0

  fileprivate init(_ memory: UnsafeMutableRawBufferPointer) {
    guard let start = memory.baseAddress else { preconditionFailure("a head has room") }
    self.start = start
    capacity = memory.count
  }

  mutating func add(name: String, value: String) {
    text(name)
    text(": ")
    text(value)
    text("\r\n")
  }

  mutating func text(_ text: String) {
    let length = text.utf8.count
    precondition(length <= capacity - count, "the head was measured too small")
    let place = start + count
    let isCopied: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
      if let source = bytes.baseAddress { memcpy(place, source, bytes.count) }
    }
    if isCopied == nil { UnsafeMutableRawBufferPointer(start: place, count: length).copyBytes(from: text.utf8) }
    count += length
  }
}

extension ByteBuffer {
  /// A head of at most so many bytes.
  /// - Parameter spare: room for what is put behind it.
  static func head(upTo bytes: Int, spare: Int = 0, _ write: (inout HeadWriter) -> Void) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: bytes + spare)
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes) { memory in
      var writer = HeadWriter(memory)
      write(&writer)
      return writer.count
    }
    return buffer
  }
}
