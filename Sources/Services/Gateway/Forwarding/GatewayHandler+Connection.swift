import NIOCore
import NIOHTTP1

/// What else happens to the connection: the router's answers, errors, and its end.
extension GatewayHandler {
  // MARK: The router's answers

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let part = unwrapOutboundIn(data)
    context.write(data, promise: promise)
    if case .end = part, case .passing(let hasEnded, _) = turn { passed(hasEnded: hasEnded, isAnswered: true) }
  }

  func pass(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    hasPassedOn = true
    context.fireChannelRead(wrapInboundOut(part))
  }

  func passed(hasEnded: Bool, isAnswered: Bool) {
    if hasEnded && isAnswered {
      turn = .idle
      takeHeld()
    } else {
      turn = .passing(hasEnded: hasEnded, isAnswered: isAnswered)
    }
  }

  // MARK: The connection

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, case .forwarding(let exchange) = turn { exchange.clientWritable() }
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch turn {
    case .passing: context.fireErrorCaught(error)
    case .closing: break
    case .idle where held.isEmpty: refuseUnreadable(error)
    case .forwarding(let exchange) where !exchange.request.hasEnded && held.isEmpty:
      let hasAnswerBegun = exchange.hasAnswerBegun
      exchange.requestBroke()
      if hasAnswerBegun { cut() } else { refuseUnreadable(error) }
    case .discarding: linger()
    // What came before it is answered first.
    case .idle, .verifying, .forwarding: brokenBy = error
    }
  }

  func refuseUnreadable(_ error: any Error) {
    brokenBy = nil
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    let request = ClientRequest(loop.identifiers.requestID(), head, [], .none, peer: peer, arrival: .now())
    turn = .idle
    refuse(request, GatewayCore.unreadable(error), closes: true)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent { isQuiescing = true }
    let isInputClosed = (event as? ChannelEvent) == .inputClosed
    switch turn {
    case .idle, .passing: return context.fireUserInboundEventTriggered(event)
    case .forwarding(let exchange):
      if isInputClosed { return left(context) }
      if isStopping { exchange.endIfStream() }
    case .verifying, .discarding, .closing: if isInputClosed { return left(context) }
    }
    if !isInputClosed, !(event is ChannelShouldQuiesceEvent) { context.fireUserInboundEventTriggered(event) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if case .forwarding(let exchange) = turn { exchange.clientLeft() }
    turn = .closing
    held.removeAll()
    context.fireChannelInactive()
  }

  private func left(_ context: ChannelHandlerContext) {
    if case .forwarding(let exchange) = turn { exchange.clientLeft() }
    turn = .closing
    context.close(promise: nil)
  }
}
