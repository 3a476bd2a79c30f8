/// One connection to a server, from its first byte to its last: commands go out, replies come in, in order. After any error
/// it is of no more use, but for a deadline that passed between replies.
final class RedisStream {
  private static let bufferBytes = 64 << 10
  /// How many values the replies of one exchange may be made of: each takes some 24 bytes beside its own.
  private static let maximumValues = 1 << 20

  private let socket: StreamSocket
  private let reader = ReplyReader(maximumValues: RedisStream.maximumValues)
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: RedisStream.bufferBytes, alignment: 16)
  private let maximumReplyBytes: Int
  private var received = 0

  init(_ socket: StreamSocket, maximumReplyBytes: Int) {
    self.socket = socket
    self.maximumReplyBytes = maximumReplyBytes
  }

  deinit { buffer.deallocate() }

  /// Whether nothing has happened to it since its last reply: neither was it closed, nor is there a reply to nothing.
  var isUsable: Bool { reader.isEmpty && socket.isQuiet }

  func send(_ commands: [RedisCommand], _ limit: WaitLimit) throws(StreamFailure) {
    if commands.count == 1 { return try socket.send(commands[0].encoded, limit) }
    try socket.send(commands.flatMap(\.encoded), limit)
  }

  /// What may be received from now on is counted anew.
  func beginExchange() {
    received = 0
    reader.beginExchange()
  }

  func nextReply(_ limit: WaitLimit) throws(StreamFailure) -> RedisValue {
    while true {
      if let reply = try reader.next() { return reply }
      let count = try socket.receive(into: buffer, limit)
      received += count
      guard received <= maximumReplyBytes else {
        throw .protocolViolation("the reply is larger than \(maximumReplyBytes) bytes")
      }
      try reader.feed(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
