import NIOCore
import NIOHTTP1

/// Puts what looks after a connection into its pipeline, where the framework lets handlers be added, and leaves.
///
/// Bytes are seen before the decoder makes requests of them, and answers after the encoder has made bytes of them; requests are
/// seen before the framework makes its own of them.
final class ConnectionSetup: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  private let bytes: ConnectionBytesHandler
  private let connection: ConnectionHandler
  private let interceptor: HTTPRole.Interceptor?

  init(_ connection: ConnectionHandler, _ census: ConnectionCensus, _ interceptor: HTTPRole.Interceptor?) {
    self.connection = connection
    bytes = ConnectionBytesHandler(connection, census)
    self.interceptor = interceptor
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let pipeline = context.pipeline.syncOperations
    do {
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(bytes, position: .first)
      try pipeline.addHandler(connection, position: .after(decoder))
      if let interceptor {
        let handler = interceptor(context.channel, InterceptedConnection(bytes))
        try pipeline.addHandler(handler, position: .after(decoder))
      }
      pipeline.removeHandler(context: context, promise: nil)
    } catch {
      // Without them nothing may be served.
      context.fireErrorCaught(error)
      context.close(promise: nil)
    }
  }
}
