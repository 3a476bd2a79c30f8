import Gateway
import NIOCore
import Testing

@Suite struct MessageBytesTests {
  private let head = ByteBuffer(string: "HEAD\r\n\r\n")

  /// What is written, piece by piece, of these parts of a body.
  private func written(_ parts: [ByteBuffer], isChunked: Bool, flushes: Bool = false) -> [String] {
    var (message, pieces) = (MessageBytes(), [String]())
    func send(_ piece: ByteBuffer) { pieces.append(String(buffer: piece)) }
    message.begin(head, isChunked: isChunked)
    for part in parts {
      message.add(part, send)
      if flushes { message.flush(send) }
    }
    message.end()
    message.flush(send)
    message.flush(send)
    return pieces
  }

  @Test func whatIsSmallGoesWithItsHead() {
    let parts = ["one", "", "two"].map { ByteBuffer(string: $0) }
    #expect(written(parts, isChunked: false) == ["HEAD\r\n\r\nonetwo"])
    #expect(written([], isChunked: false) == ["HEAD\r\n\r\n"])
    #expect(written(parts, isChunked: false, flushes: true) == ["HEAD\r\n\r\none", "two"])
  }

  @Test func whatIsLargeGoesByItself() {
    let large = String(repeating: "x", count: MessageBytes.smallBytes + 1)
    let parts = [ByteBuffer(string: "a"), ByteBuffer(string: large), ByteBuffer(string: "b")]
    #expect(written(parts, isChunked: false) == ["HEAD\r\n\r\na", large, "b"])
    #expect(written(parts, isChunked: true) == ["HEAD\r\n\r\n1\r\na\r\n2001\r\n", large, "\r\n1\r\nb\r\n0\r\n\r\n"])
  }

  /// However many small parts come, no more is put together than that.
  @Test func whatIsPutTogetherIsBounded() {
    let parts = [ByteBuffer](repeating: ByteBuffer(string: String(repeating: "x", count: 1000)), count: 40)
    let pieces = written(parts, isChunked: false)
    #expect(pieces.joined().utf8.count == 40_008)
    #expect(pieces.allSatisfy { $0.utf8.count <= MessageBytes.smallBytes + 1000 })
  }

  @Test func anEmptyPartIsNotTheLastChunk() {
    let parts = ["", "seventeen letters", ""].map { ByteBuffer(string: $0) }
    #expect(written(parts, isChunked: true).joined() == "HEAD\r\n\r\n11\r\nseventeen letters\r\n0\r\n\r\n")
    #expect(written([], isChunked: true).joined() == "HEAD\r\n\r\n0\r\n\r\n")
  }
}
