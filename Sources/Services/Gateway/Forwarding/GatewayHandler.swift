import HTTPService
import NIOCore
import NIOHTTP1
import ServiceContract

/// A client's connection to the gateway: takes one request at a time, decides what becomes of it, and gives the answer. Requests
/// that are the gateway's own (`/health`, `/metrics`) go on to the router behind it.
///
/// Used on its event loop only. What a client sends ahead waits here; while something does, nothing more is read. Its answers go
/// out as bytes, past the encoder that stands before it for the router.
final class GatewayHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// What is being done with the connection.
  enum Turn {
    case idle
    /// The router answers.
    case passing(hasEnded: Bool, isAnswered: Bool)
    /// The token's keys are being fetched.
    case verifying(ClientRequest)
    case forwarding(Exchange)
    /// Answered, but the rest of the request has yet to come.
    case discarding
    /// Nothing more will be answered; what comes is passed over until the client has seen the answer.
    case closing
  }

  let gateway: GatewayCore
  let loop: ForwardingLoop
  let connection: InterceptedConnection
  var context: ChannelHandlerContext?
  private(set) var peer = ClientAddress(high: 0, low: 0)
  private(set) var peerText = ""
  var turn = Turn.idle
  var held: CircularBuffer<HTTPServerRequestPart> = []
  private var isTaking = false
  private var isReadHeld = false
  /// The router has got something since it was last told that reading pauses; it acts on it only then.
  var hasPassedOn = false
  /// What could not be read of what came behind a request that is not answered yet.
  var brokenBy: (any Error)?
  /// The last token of the connection that was accepted: the next request has the same one as a rule.
  var lastToken: (authorization: String, claims: TokenClaims)?
  /// Of the answer that has begun.
  var status = 0
  var answerBytes = MessageBytes()
  var closesAfterAnswer = false
  var isQuiescing = false

  init(_ gateway: GatewayCore, _ loop: ForwardingLoop, _ connection: InterceptedConnection) {
    self.gateway = gateway
    self.loop = loop
    self.connection = connection
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    learnPeer(context)
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    learnPeer(context)
    context.fireChannelActive()
  }

  private func learnPeer(_ context: ChannelHandlerContext) {
    guard let address = context.remoteAddress else { return }
    peer = ClientAddress(address)
    peerText = peer.description
  }

  // MARK: What the client sends

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    let now = NIODeadline.now()
    switch part {
    case .head: connection.requestBegan(now)
    case .body: break
    case .end: connection.requestEnded()
    }
    guard held.isEmpty, !isTaking, canTake(part) else { return held.append(part) }
    take(part, context, now)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if case .forwarding(let exchange) = turn { exchange.flushBody() }
    let wasPassedOn = hasPassedOn
    hasPassedOn = false
    // Nobody behind has seen any of it, nor has a say in when more is read.
    if !wasPassedOn, mayRead { return context.read() }
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    if mayRead { context.read() } else { isReadHeld = true }
  }

  private var mayRead: Bool {
    guard held.isEmpty else { return false }
    // Where all of a request has come, reading goes on, to see the client leave.
    switch turn {
    case .verifying(let request): return request.hasEnded
    case .forwarding(let exchange): return exchange.request.hasEnded || exchange.acceptsBody
    case .idle, .passing, .discarding, .closing: return true
    }
  }

  /// Reads on, if nothing speaks against it any more.
  func bodyWanted() {
    guard isReadHeld, mayRead else { return }
    isReadHeld = false
    context?.read()
  }

  private func canTake(_ part: HTTPServerRequestPart) -> Bool {
    switch (part, turn) {
    case (_, .closing), (.head, .idle): true
    case (.head, _), (_, .verifying): false
    case (.body, _), (.end, _): true
    }
  }

  func takeHeld() {
    guard !isTaking, let context else { return }
    if !held.isEmpty {
      isTaking = true
      while let part = held.first, canTake(part) {
        held.removeFirst()
        take(part, context, .now())
      }
      isTaking = false
      if case .forwarding(let exchange) = turn { exchange.flushBody() }
    }
    if hasPassedOn {
      hasPassedOn = false
      context.fireChannelReadComplete()
    }
    if let brokenBy, held.isEmpty, case .idle = turn { return refuseUnreadable(brokenBy) }
    bodyWanted()
  }

  private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext, _ now: NIODeadline) {
    switch (turn, part) {
    case (.idle, .head(let head)): begin(head, context, now)
    case (.passing(_, let isAnswered), _):
      pass(part, context)
      if case .end = part { passed(hasEnded: true, isAnswered: isAnswered) }
    case (.forwarding(let exchange), .body(let bytes)):
      exchange.request.bodyBytes += bytes.readableBytes
      exchange.bodyContinued(bytes)
    case (.forwarding(let exchange), .end):
      exchange.request.hasEnded = true
      exchange.bodyEnded()
    case (.discarding, .end): becomeIdle()
    default: break
    }
  }
}
