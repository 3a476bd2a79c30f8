import NIOCore

/// The outermost handler of a connection: lets it in or refuses it, and tells the ``ConnectionHandler`` of every byte.
final class ConnectionBytesHandler: ChannelDuplexHandler, Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = IOData
  typealias OutboundOut = IOData

  /// Answers are handed on in pieces of this many bytes, so that a reader's progress can be seen.
  private static let pieceBytes = 64 << 10

  private let connection: ConnectionHandler
  private let census: ConnectionCensus

  init(_ connection: ConnectionHandler, _ census: ConnectionCensus) {
    self.connection = connection
    self.census = census
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
    connection.update(context.channel) { $0.bytesCame(.now) }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .byteBuffer(var rest) = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
    while rest.readableBytes > Self.pieceBytes, let piece = rest.readSlice(length: Self.pieceBytes) {
      write(piece, context, promise: nil)
    }
    write(rest, context, promise: promise)
  }

  private func write(_ piece: ByteBuffer, _ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
    let (connection, channel) = (connection, context.channel)
    let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
    connection.update(channel) { $0.writeBegan(.now) }
    promise.futureResult.whenComplete { _ in connection.update(channel) { $0.writeEnded(.now) } }
    context.write(wrapOutboundOut(.byteBuffer(piece)), promise: promise)
  }
}
