import HTTPService
import NIOCore
import NIOHTTP1

/// What becomes of a request.
extension GatewayHandler {
  func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ now: NIODeadline) {
    closesAfterAnswer = false
    var hosts = 0
    let fields = FieldsPresent(head.headers, hosts: &hosts)
    let offered = fields.contains(.requestID) ? head.headers.first(name: "x-request-id") : nil
    let id = offered.map { RequestIdentity.identifier($0) } ?? loop.identifiers.requestID()
    do throws(RequestFailure) {
      let framing = try gateway.framing(head, fields, hosts: hosts)
      let request = ClientRequest(id, head, fields, framing, peer: peer, arrival: now)
      do throws(RequestFailure) {
        switch try gateway.destination(head, fields) {
        case .own:
          turn = .passing(hasEnded: false, isAnswered: false)
          pass(.head(head), context)
        case .nowhere: throw GatewayCore.nothing(at: head)
        case .upstream(let upstream, let uri):
          request.upstream = upstream
          try forward(request, to: upstream, uri)
        }
      } catch {
        // What CONNECT opens is no request any more.
        refuse(request, error, closes: error.status == .badRequest || error.status == .methodNotAllowed)
      }
    } catch {
      refuse(ClientRequest(id, head, fields, .none, peer: peer, arrival: now), error, closes: true)
    }
  }

  private func forward(_ request: ClientRequest, to upstream: Upstream, _ uri: String) throws(RequestFailure) {
    if request.fields.contains(.forwardedFor) {
      request.client = gateway.proxies.client(peer: peer, forwardedFor: request.head.headers["x-forwarded-for"])
    }
    if let preflight = try gateway.preflight(request) { return answer(request, preflight) }
    let options = request.fields.contains(.connection) ? ConnectionOptions(request.head.headers) : ConnectionOptions()
    let authorization = try gateway.authorization(request, options)
    let nowMs = SystemClocks.wallMs()
    let verdict: TokenGate.Verdict
    if let lastToken, lastToken.authorization == authorization {
      verdict = gateway.tokens.verdict(onKnown: lastToken.claims, nowMs: nowMs)
    } else {
      verdict = gateway.tokens.verdict(authorization, nowMs: nowMs)
    }
    guard case .keysNeeded = verdict else {
      return try decide(request, to: upstream, uri, options, authorization, verdict, nowMs)
    }
    turn = .verifying(request)
    // A loop-bound reference: whatever has become of the connection by then is looked up there.
    let eventLoop = loop.eventLoop
    let waiting = NIOLoopBound((self, request, options), eventLoop: eventLoop)
    gateway.tokens.verdictAfterRefresh(authorization) { verdict in
      eventLoop.execute {
        let (this, request, options) = waiting.value
        this.verified(request, to: upstream, uri, options, authorization, verdict)
      }
    }
  }

  private func verified(
    _ request: ClientRequest, to upstream: Upstream, _ uri: String, _ options: ConnectionOptions,
    _ authorization: String?, _ verdict: TokenGate.Verdict
  ) {
    guard case .verifying(let current) = turn, current === request else { return }
    do throws(RequestFailure) {
      try decide(request, to: upstream, uri, options, authorization, verdict, SystemClocks.wallMs())
    } catch {
      refuse(request, error)
    }
    takeHeld()
    if case .forwarding(let exchange) = turn { exchange.flushBody() }
  }

  /// Counts the request against its client's limit, and lets it through or not.
  private func decide(
    _ request: ClientRequest, to upstream: Upstream, _ uri: String, _ options: ConnectionOptions,
    _ authorization: String?, _ verdict: TokenGate.Verdict, _ nowMs: Int64
  ) throws(RequestFailure) {
    if case .person(let claims) = verdict {
      request.caller = .init(id: claims.subject, isManager: claims.isManager)
      if let authorization { lastToken = (authorization, claims) }
    }
    try gateway.limit(request)
    if case .refused(let failure) = verdict { throw failure }
    if request.isAwaitingContinue { sendContinue(request) }
    let head = gateway.forwarded(
      request, to: upstream, uri, options, peer: (peer, peerText), nowMs: nowMs, &loop.identifiers)
    let exchange = Exchange(request, head, upstream, loop, gateway.times, client: self)
    turn = .forwarding(exchange)
    exchange.start()
  }

  private func sendContinue(_ request: ClientRequest) {
    request.isAwaitingContinue = false
    connection.send(ByteBuffer(string: "HTTP/1.\(request.head.version.minor) 100 Continue\r\n\r\n"))
    connection.flush()
  }
}
