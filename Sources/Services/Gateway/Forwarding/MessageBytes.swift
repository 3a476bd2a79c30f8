import NIOCore

/// A message as it goes out: what is small is put together behind its head, so that it is one write; what is large goes on as it
/// is. Frames chunks where the length is not known.
package struct MessageBytes {
  /// What costs more to send by itself than to copy.
  package static let smallBytes = 8 << 10

  private var isChunked = false
  private var gathered: ByteBuffer?

  package init() {}

  package mutating func begin(_ head: ByteBuffer, isChunked: Bool) {
    self.isChunked = isChunked
    gathered = head
  }

  package mutating func add(_ part: ByteBuffer, _ send: (ByteBuffer) -> Void) {
    let length = part.readableBytes
    // An empty chunk would be the last.
    guard length > 0 else { return }
    if isChunked { gather(String(length, radix: 16) + "\r\n") }
    if gathered != nil, length <= Self.smallBytes {
      gathered?.writeImmutableBuffer(part)
    } else {
      flush(send)
      send(part)
    }
    if isChunked { gather("\r\n") }
    if let gathered, gathered.readableBytes > Self.smallBytes { flush(send) }
  }

  package mutating func end() {
    if isChunked { gather("0\r\n\r\n") }
    isChunked = false
  }

  package mutating func flush(_ send: (ByteBuffer) -> Void) {
    guard let bytes = gathered else { return }
    gathered = nil
    send(bytes)
  }

  private mutating func gather(_ text: String) {
    if gathered == nil { gathered = ByteBufferAllocator().buffer(capacity: 64) }
    gathered?.writeString(text)
  }
}
