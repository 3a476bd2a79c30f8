import NIOCore
import NIOHTTP1

/// A connection to a service, and the exchange it is used for. Used on its event loop only.
final class UpstreamConnection: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = HTTPClientRequestPart
  typealias OutboundOut = HTTPClientRequestPart

  private let pool: UpstreamPool
  private var context: ChannelHandlerContext?
  private var exchange: Exchange?
  private var keepsAlive = true
  private var isReadHeld = false
  private var isRequestSent = false
  private var wasOpen = false
  /// How many requests it has been used for.
  private(set) var uses = 0
  var idleSince = NIODeadline.now()

  init(_ pool: UpstreamPool) {
    self.pool = pool
  }

  var isActive: Bool { context?.channel.isActive ?? false }
  var isWritable: Bool { context?.channel.isWritable ?? false }

  // MARK: For the exchange

  func begin(_ exchange: Exchange, _ head: HTTPRequestHead) {
    self.exchange = exchange
    uses += 1
    isRequestSent = false
    pool.upstream.sent()
    write(.head(head))
  }

  func write(_ part: HTTPClientRequestPart) {
    guard let context else { return }
    if case .end = part { isRequestSent = true }
    context.write(wrapOutboundOut(part), promise: nil)
  }

  func flush() { context?.flush() }

  /// The answer is wanted again.
  func resumeReading() {
    guard isReadHeld else { return }
    isReadHeld = false
    context?.read()
  }

  /// Ends it, whatever is under way; the exchange hears nothing more.
  func close() {
    exchange = nil
    context?.close(promise: nil)
  }

  // MARK: The pipeline

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    wasOpen = true
    context.fireChannelActive()
  }

  func read(context: ChannelHandlerContext) {
    if exchange?.holdsAnswer == true {
      isReadHeld = true
    } else {
      context.read()
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Nobody asked for it.
    guard let exchange else { return context.close(promise: nil) }
    switch unwrapInboundIn(data) {
    case .head(let head):
      keepsAlive = head.isKeepAlive
      exchange.answerBegan(head)
    case .body(let bytes): exchange.answerContinued(bytes)
    case .end:
      self.exchange = nil
      let isReusable = keepsAlive && isRequestSent && context.channel.isActive
      if isReusable {
        // First, so that the client's next request finds it.
        pool.release(self)
        resumeReading()
      } else {
        context.close(promise: nil)
      }
      exchange.answerEnded()
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) { exchange?.flushAnswer() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { exchange?.mayContinueBody() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    broke()
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    broke()
    if wasOpen { pool.closed(self) }
    wasOpen = false
  }

  private func broke() {
    guard let exchange else { return }
    self.exchange = nil
    exchange.broke(self)
  }
}
