import NIOCore

/// The outermost handler of a connection: lets it in or refuses it, and tells the ``ConnectionHandler`` of every byte.
///
/// Used on its event loop only.
final class ConnectionBytesHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = IOData
  typealias OutboundOut = IOData

  /// Answers are handed on in pieces of this many bytes, so that a reader's progress can be seen.
  private static let pieceBytes = 64 << 10

  private let connection: ConnectionHandler
  private let census: ConnectionCensus
  private var context: ChannelHandlerContext?
  /// What was written last: it is watched if it is the last before a flush, and so tells of all of it.
  private var last: ByteBuffer?
  /// Handed on since the last piece that is watched.
  private var unwatchedBytes = 0

  init(_ connection: ConnectionHandler, _ census: ConnectionCensus) {
    self.connection = connection
    self.census = census
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    last = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    let address = context.remoteAddress?.ipAddress ?? "local"
    guard census.enter(address) else { return refuse(context) }
    context.channel.closeFuture.whenComplete { [census] _ in census.leave(address) }
    connection.update(context.channel) { _ in }
    context.fireChannelActive()
  }

  private func refuse(_ context: ChannelHandlerContext) {
    census.closed("too_many")
    let body = "{\"error\":{\"code\":\"too_many_connections\",\"message\":\"Too many connections are open.\"}}\n"
    let head = """
      HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\nRetry-After: 1\r\n\
      Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n
      """
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer(string: head + body)))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connection.update(context.channel) { $0.bytesCame(.now()) }
    context.fireChannelRead(data)
  }

  /// Of the connection's clock.
  func update(_ change: (inout ConnectionClock) -> Void) {
    guard let context else { return }
    connection.update(context.channel, change)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .byteBuffer(let bytes) = unwrapOutboundIn(data) else {
      handOnLast(isWatched: true)
      return context.write(data, promise: promise)
    }
    send(bytes, promise: promise)
  }

  func flush(context: ChannelHandlerContext) { flush() }

  /// Writes as if the next handler had.
  func send(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
    var rest = bytes
    while rest.readableBytes > Self.pieceBytes, let piece = rest.readSlice(length: Self.pieceBytes) {
      handOnLast(isWatched: false)
      last = piece
    }
    handOnLast(isWatched: false)
    if let promise { handOn(rest, promise) } else { last = rest }
  }

  func flush() {
    handOnLast(isWatched: true)
    context?.flush()
  }

  private func handOnLast(isWatched: Bool) {
    guard let piece = last else { return }
    last = nil
    unwatchedBytes += piece.readableBytes
    if isWatched || unwatchedBytes >= Self.pieceBytes {
      handOn(piece, nil)
    } else {
      context?.write(wrapOutboundOut(.byteBuffer(piece)), promise: nil)
    }
  }

  private func handOn(_ piece: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
    guard let context else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
    unwatchedBytes = 0
    let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
    update { $0.writeBegan(.now()) }
    promise.futureResult.assumeIsolated().whenComplete { _ in self.update { $0.writeEnded(.now()) } }
    context.write(wrapOutboundOut(.byteBuffer(piece)), promise: promise)
  }
}
