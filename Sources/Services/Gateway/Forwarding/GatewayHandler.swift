import HTTPService
import Logging
import NIOCore
import NIOHTTP1
import ServiceContract

/// A client's connection to the gateway: takes one request at a time, decides what becomes of it, and gives the answer. Requests
/// that are the gateway's own (`/health`, `/metrics`) go on to the router behind it.
///
/// Used on its event loop only. What a client sends ahead waits here; while something does, nothing more is read.
final class GatewayHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// What is being done with the connection.
  private enum Turn {
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

  /// What is read of a refused request's body, so that the connection can go on being used.
  private static let discardLimit = 64 << 10

  private let gateway: GatewayCore
  private let loop: ForwardingLoop
  private var context: ChannelHandlerContext?
  private var peer = ClientAddress(high: 0, low: 0)
  private var peerText = ""
  private var turn = Turn.idle
  private var held: CircularBuffer<HTTPServerRequestPart> = []
  private var isTaking = false
  private var isReadHeld = false
  /// The router has got something since it was last told that reading pauses; it acts on it only then.
  private var hasPassedOn = false
  private var brokenBy: (any Error)?
  private var closesAfterAnswer = false
  /// The last token of the connection that was accepted: the next request has the same one as a rule.
  private var lastToken: (authorization: String, claims: TokenClaims)?
  /// Of the answer that has begun.
  private(set) var status = 0
  private var isQuiescing = false

  init(_ gateway: GatewayCore, _ loop: ForwardingLoop) {
    self.gateway = gateway
    self.loop = loop
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    learnPeer(context)
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  // MARK: What the client sends

  func channelActive(context: ChannelHandlerContext) {
    learnPeer(context)
    context.fireChannelActive()
  }

  private func learnPeer(_ context: ChannelHandlerContext) {
    guard let address = context.remoteAddress else { return }
    peer = ClientAddress(address)
    peerText = peer.description
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    guard held.isEmpty, !isTaking, canTake(part) else { return held.append(part) }
    isTaking = true
    take(part, context)
    isTaking = false
    takeHeld()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if case .forwarding(let exchange) = turn { exchange.flushBody() }
    hasPassedOn = false
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

  private func canTake(_ part: HTTPServerRequestPart) -> Bool {
    switch (part, turn) {
    case (_, .closing), (.head, .idle): true
    case (.head, _), (_, .verifying): false
    case (.body, _), (.end, _): true
    }
  }

  private func takeHeld() {
    guard !isTaking, let context else { return }
    isTaking = true
    while let part = held.first, canTake(part) {
      held.removeFirst()
      take(part, context)
    }
    isTaking = false
    if hasPassedOn {
      hasPassedOn = false
      context.fireChannelReadComplete()
    }
    if let brokenBy, held.isEmpty, case .idle = turn { return refuseUnreadable(brokenBy) }
    bodyWanted()
  }

  private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    switch (turn, part) {
    case (.idle, .head(let head)): begin(head, context)
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

  // MARK: What becomes of a request

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    closesAfterAnswer = false
    let id =
      head.headers.first(name: "x-request-id").map { RequestIdentity<ServiceContext>.identifier($0) }
      ?? loop.identifiers.requestID()
    do throws(RequestFailure) {
      let request = ClientRequest(id, head, try gateway.framing(head), peer: peer)
      do throws(RequestFailure) {
        switch try gateway.destination(head) {
        case .own:
          turn = .passing(hasEnded: false, isAnswered: false)
          pass(.head(head), context)
        case .nowhere: throw GatewayCore.nothing(at: head)
        case .upstream(let name, let uri):
          request.upstream = name
          try forward(request, uri)
        }
      } catch {
        // What CONNECT opens is no request any more.
        refuse(request, error, closes: error.status == .badRequest || error.status == .methodNotAllowed)
      }
    } catch {
      refuse(ClientRequest(id, head, .none, peer: peer), error, closes: true)
    }
  }

  private func forward(_ request: ClientRequest, _ uri: String) throws(RequestFailure) {
    request.client = gateway.proxies.client(peer: peer, forwardedFor: request.head.headers["x-forwarded-for"])
    if let preflight = try gateway.preflight(request) { return answer(request, preflight) }
    let options = ConnectionOptions(request.head.headers)
    let authorization = try gateway.authorization(request.head.headers, options)
    let nowMs = SystemClocks.wallMs()
    let verdict: TokenGate.Verdict
    if let lastToken, lastToken.authorization == authorization {
      verdict = gateway.tokens.verdict(onKnown: lastToken.claims, nowMs: nowMs)
    } else {
      verdict = gateway.tokens.verdict(authorization, nowMs: nowMs)
    }
    guard case .keysNeeded = verdict else { return try decide(request, uri, options, authorization, verdict, nowMs) }
    turn = .verifying(request)
    // A loop-bound reference: whatever has become of the connection by then is looked up there.
    let (this, eventLoop) = (NIOLoopBound(self, eventLoop: loop.eventLoop), loop.eventLoop)
    let waiting = NIOLoopBound((request, options), eventLoop: eventLoop)
    gateway.tokens.verdictAfterRefresh(authorization) { verdict in
      eventLoop.execute {
        let (request, options) = waiting.value
        this.value.verified(request, uri, options, authorization, verdict)
      }
    }
  }

  private func verified(
    _ request: ClientRequest, _ uri: String, _ options: ConnectionOptions, _ authorization: String?,
    _ verdict: TokenGate.Verdict
  ) {
    guard case .verifying(let current) = turn, current === request else { return }
    do throws(RequestFailure) {
      try decide(request, uri, options, authorization, verdict, SystemClocks.wallMs())
    } catch {
      refuse(request, error)
    }
    takeHeld()
  }

  /// Counts the request against its client's limit, and lets it through or not.
  private func decide(
    _ request: ClientRequest, _ uri: String, _ options: ConnectionOptions, _ authorization: String?,
    _ verdict: TokenGate.Verdict, _ nowMs: Int64
  ) throws(RequestFailure) {
    if case .person(let claims) = verdict {
      request.caller = .init(id: claims.subject, isManager: claims.isManager)
      if let authorization { lastToken = (authorization, claims) }
    }
    try gateway.limit(request)
    if case .refused(let failure) = verdict { throw failure }
    if request.isAwaitingContinue { sendContinue(request) }
    let head = gateway.forwarded(request, uri, options, peer: (peer, peerText), nowMs: nowMs, &loop.identifiers)
    guard let name = request.upstream else { preconditionFailure("what is forwarded goes somewhere") }
    let exchange = Exchange(request, head, gateway.upstream(name), loop, gateway.times, client: self)
    turn = .forwarding(exchange)
    exchange.start()
  }

  private func sendContinue(_ request: ClientRequest) {
    request.isAwaitingContinue = false
    write(.head(HTTPResponseHead(version: request.head.version, status: .continue)))
    flush()
  }

  // MARK: For the exchange

  var isStopping: Bool { isQuiescing || gateway.drain.hasBegun }
  var isWritable: Bool { context?.channel.isWritable ?? false }

  /// Reads on, if nothing speaks against it any more.
  func bodyWanted() {
    guard isReadHeld, mayRead else { return }
    isReadHeld = false
    context?.read()
  }

  func answerBegan(_ request: ClientRequest, _ answer: HTTPResponseHead) {
    status = Int(answer.status.code)
    var head = HTTPResponseHead(version: request.head.version, status: answer.status)
    head.headers = AnswerHeaders.passedOn(answer.headers, reserving: 8)
    gateway.sign(&head.headers, request)
    // The length of what a HEAD does not show can only be given, not framed; HTTP/1.0 knows no chunks.
    let hasLength = answer.headers.contains(name: "content-length")
    if !hasLength, request.head.method == .HEAD || request.head.version.minor == 0 {
      head.version = .http1_0
      closesAfterAnswer = true
    }
    begin(head, request)
  }

  func answerContinued(_ bytes: ByteBuffer) { write(.body(.byteBuffer(bytes))) }

  func answerEnded() { end() }

  func flush() { context?.flush() }

  /// Ends the connection in the middle of an answer.
  func cut() {
    turn = .closing
    context?.close(promise: nil)
  }

  /// Answers with a failure, unless an answer has begun.
  func refuse(_ request: ClientRequest, _ failure: RequestFailure, closes: Bool = false) {
    if case .forwarding = turn {
    } else {
      log(request, status: Int(failure.status.code), upstream: nil, tries: 0, cause: nil)
    }
    let (head, body) = gateway.answer(failure, to: request)
    closesAfterAnswer = closes
    answer(request, (head, body))
  }

  private func answer(_ request: ClientRequest, _ answer: GatewayCore.Answer) {
    status = Int(answer.head.status.code)
    // What is not read decides whether the connection can be used again.
    if !request.hasEnded {
      switch request.framing {
      case .none: break
      case .length(let bytes): if bytes > Self.discardLimit || request.isAwaitingContinue { closesAfterAnswer = true }
      case .chunked: closesAfterAnswer = true
      }
    }
    var head = answer.head
    head.headers.add(name: "Content-Length", value: String(answer.body?.readableBytes ?? 0))
    begin(head, request)
    if let body = answer.body, request.head.method != .HEAD { write(.body(.byteBuffer(body))) }
    end(discardsRest: !request.hasEnded)
  }

  private func begin(_ head: HTTPResponseHead, _ request: ClientRequest) {
    var head = head
    if case .forwarding = turn, !request.hasEnded { closesAfterAnswer = true }
    if !request.keepsAlive || isStopping { closesAfterAnswer = true }
    if closesAfterAnswer { head.headers.add(name: "Connection", value: "close") }
    write(.head(head))
  }

  private func write(_ part: HTTPServerResponsePart) { context?.write(wrapOutboundOut(part), promise: nil) }

  private func end(discardsRest: Bool = false) {
    write(.end(nil))
    flush()
    if closesAfterAnswer { return linger() }
    guard discardsRest else { return becomeIdle() }
    turn = .discarding
    takeHeld()
  }

  private func becomeIdle() {
    turn = .idle
    if isStopping { return linger() }
    takeHeld()
  }

  /// Says that no more will come, and waits a moment for the client to have read it: closed at once, what it still sends would
  /// reset the connection before it has.
  private func linger() {
    turn = .closing
    held.removeAll()
    guard let context else { return }
    context.close(mode: .output, promise: nil)
    context.eventLoop.assumeIsolated().scheduleTask(in: gateway.times.linger) { self.context?.close(promise: nil) }
    bodyWanted()
  }

  // MARK: The router's answers

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let part = unwrapOutboundIn(data)
    context.write(data, promise: promise)
    if case .end = part, case .passing(let hasEnded, _) = turn { passed(hasEnded: hasEnded, isAnswered: true) }
  }

  private func pass(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    hasPassedOn = true
    context.fireChannelRead(wrapInboundOut(part))
  }

  private func passed(hasEnded: Bool, isAnswered: Bool) {
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

  private func refuseUnreadable(_ error: any Error) {
    brokenBy = nil
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    let request = ClientRequest(loop.identifiers.requestID(), head, .none, peer: peer)
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

  func log(_ request: ClientRequest, status: Int, upstream: Upstream?, tries: Int, cause: UpstreamFailure?) {
    gateway.finished(request, status: status, upstream: upstream, tries: tries, cause: cause)
  }
}
