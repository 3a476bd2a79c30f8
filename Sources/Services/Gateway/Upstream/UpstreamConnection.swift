import NIOCore
import NIOHTTP1

/// A connection to a service, and the exchange it is used for. Used on its event loop only.
///
/// What is sent is made into bytes here and in ``ForwardedRequest``, and goes past the decoder, which is told of each method.
final class UpstreamConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let pool: UpstreamPool
  private let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)
  /// This handler's place.
  private var context: ChannelHandlerContext?
  /// That of the decoder, in front of which is the socket.
  private var wire: ChannelHandlerContext?
  private var request = MessageBytes()
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

  func add(to pipeline: ChannelPipeline.SynchronousOperations) throws {
    let parsing = ByteToMessageHandler(decoder)
    try pipeline.addHandler(parsing)
    wire = try pipeline.context(handler: parsing)
    try pipeline.addHandler(self)
  }

  // MARK: For the exchange

  /// - Parameter head: as the service gets it.
  func begin(_ exchange: Exchange, _ head: ByteBuffer) {
    self.exchange = exchange
    uses += 1
    isRequestSent = false
    request.begin(head, isChunked: exchange.request.framing == .chunked)
    pool.upstream.sent()
    // Whether an answer has a body goes by what was asked.
    decoder.write(data: .head(HTTPRequestHead(version: .http1_1, method: exchange.request.head.method, uri: "")))
  }

  func write(_ part: ByteBuffer) { request.add(part) { send($0) } }

  func writeEnd() {
    request.end()
    isRequestSent = true
  }

  func flush() {
    request.flush { send($0) }
    wire?.flush()
  }

  private func send(_ bytes: ByteBuffer) { wire?.write(NIOAny(IOData.byteBuffer(bytes)), promise: nil) }

  /// The answer is wanted again.
  func resumeReading() {
    guard isReadHeld else { return }
    isReadHeld = false
    wire?.read()
  }

  /// Ends it, whatever is under way; the exchange hears nothing more.
  func close() {
    exchange = nil
    context?.close(promise: nil)
  }

  // MARK: The pipeline

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    wire = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    wasOpen = true
    wire?.read()
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

  func channelReadComplete(context: ChannelHandlerContext) {
    exchange?.flushAnswer()
    if exchange?.holdsAnswer == true {
      isReadHeld = true
    } else {
      wire?.read()
    }
  }

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
