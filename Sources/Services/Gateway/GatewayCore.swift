import HTTPService
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceContract
import Settings
import Telemetry

/// What all connections of the gateway share.
final class GatewayCore: Sendable {
  /// An answer of the gateway's own.
  typealias Answer = (status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer?)

  enum Destination {
    /// The gateway's own, or what nobody has.
    case own, nowhere
    case upstream(Upstream, uri: String)
  }

  let tokens: TokenGate
  let proxies: TrustedProxies
  let times: GatewayTimes
  let drain: Drain
  private let cors: CORSPolicy
  private let limits: ClientLimits?
  private let upstreams: [Upstream]
  private let upstreamsByName: [UpstreamName: Upstream]
  private let loops: [ObjectIdentifier: NIOLoopBoundBox<ForwardingLoop?>]
  private let metrics: MetricsRegistry
  private let logger: Logger

  init(
    _ configuration: GatewayConfiguration, _ tokens: TokenGate, _ revocations: Revocations, drain: Drain,
    metrics: MetricsRegistry, logger: Logger, group: MultiThreadedEventLoopGroup = .singleton
  ) {
    self.tokens = tokens
    proxies = configuration.proxies
    times = configuration.times
    self.drain = drain
    cors = configuration.cors
    limits = configuration.rateLimit.map { ClientLimits($0) }
    self.metrics = metrics
    self.logger = logger
    let eventLoops = Array(group.makeIterator())
    let share = max(1, configuration.upstreamConnections / eventLoops.count)
    let addresses = UpstreamName.allCases.compactMap { name in configuration.upstreams[name].map { (name, $0) } }
    upstreams = addresses.enumerated().map { place, upstream in
      Upstream(
        upstream.0, upstream.1, place: place, gatewaySecret: configuration.secret.revealed, connectionsPerLoop: share,
        metrics: metrics)
    }
    upstreamsByName = Dictionary(uniqueKeysWithValues: upstreams.map { ($0.name, $0) })
    loops = Dictionary(
      uniqueKeysWithValues: eventLoops.map {
        (ObjectIdentifier($0), NIOLoopBoundBox.makeEmptyBox(valueType: ForwardingLoop.self, eventLoop: $0))
      })
    GatewayMetrics.register(upstreams, revocations, in: metrics)
  }

  /// Of the calling event loop.
  func loop(_ eventLoop: any EventLoop) -> ForwardingLoop {
    guard let box = loops[ObjectIdentifier(eventLoop)] else { preconditionFailure("a loop of another group") }
    if let loop = box.value { return loop }
    let loop = ForwardingLoop(upstreams, eventLoop, times)
    box.value = loop
    // The first connection of this loop begins: from now on it may have streams.
    _ = drain.whenBegun { eventLoop.execute { box.value?.endStreams() } }
    return loop
  }

  // MARK: What a request must be

  func framing(_ head: HTTPRequestHead, _ fields: FieldsPresent, hosts: Int) throws(RequestFailure) -> BodyFraming {
    guard head.version.major == 1, head.version.minor <= 1 else {
      throw RequestFailure(
        .httpVersionNotSupported, code: "VERSION_NOT_SUPPORTED", message: "HTTP/1.1 and HTTP/1.0 are spoken here.")
    }
    let framing = fields.contains(.framing) ? try BodyFraming(head) : .none
    guard hosts == 1 || (hosts == 0 && head.version.minor == 0) else {
      throw RequestFailure(.badRequest, code: "INVALID_HOST", message: "A request has exactly one Host.")
    }
    return framing
  }

  func destination(_ head: HTTPRequestHead, _ fields: FieldsPresent) throws(RequestFailure) -> Destination {
    switch head.method {
    // CONNECT is for proxies to anywhere, and TRACE shows what only the services may see.
    case .CONNECT, .TRACE:
      throw RequestFailure(
        .methodNotAllowed, code: "METHOD_NOT_ALLOWED", message: "CONNECT and TRACE are not served.",
        // Of those that are passed on; which of them a path has, its service knows.
        headers: [.allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"])
    default: break
    }
    if fields.contains(.expect), let expectation = head.headers.first(name: "expect"),
      !FieldName.isSame(expectation, "100-continue")
    {
      throw RequestFailure(
        .expectationFailed, code: "EXPECTATION_FAILED", message: "Only 100-continue may be expected.")
    }
    do throws(TargetProblem) {
      switch try RequestTarget(head.uri).destination {
      case .own: return .own
      case .nowhere: return .nowhere
      case .upstream(let name, let uri):
        return upstreamsByName[name].map { .upstream($0, uri: uri) } ?? .nowhere
      }
    } catch {
      throw error.failure
    }
  }

  static func nothing(at head: HTTPRequestHead) -> RequestFailure {
    RequestFailure(
      .notFound, code: "NOT_FOUND",
      message: "There is nothing at \(head.method.rawValue) \(RedactedPath.text(head.uri)).")
  }

  /// Of bytes that are no request.
  static func unreadable(_ error: any Error) -> RequestFailure {
    if let error = error as? HTTPParserError, error == .headerOverflow {
      return RequestFailure(
        .requestHeaderFieldsTooLarge, code: "HEADERS_TOO_LARGE", message: "The request's headers are too large.")
    }
    return RequestFailure(
      .badRequest, code: "MALFORMED_REQUEST", message: "This is no HTTP request that can be read safely.")
  }

  // MARK: Who asks

  /// The one `Authorization`, if it is for more than the next hop.
  func authorization(_ request: ClientRequest, _ options: ConnectionOptions) throws(RequestFailure) -> String? {
    guard request.fields.contains(.authorization) else { return nil }
    var found: String?
    for (name, value) in request.head.headers where name.utf8.count == 13 && FieldName.isSame(name, "authorization") {
      if options.name(name) { continue }
      guard found == nil else {
        throw RequestFailure(
          .badRequest, code: "MALFORMED_REQUEST", message: "A request has at most one Authorization.")
      }
      found = value
    }
    return found
  }

  /// The answer to a browser's first question; nil if the request is none.
  func preflight(_ request: ClientRequest) throws(RequestFailure) -> Answer? {
    guard request.head.method == .OPTIONS, let origin = request.origin,
      request.head.headers.contains(name: "access-control-request-method")
    else { return nil }
    var headers = try cors.preflight(origin: origin)
    headers.add(name: "X-Request-Id", value: request.id)
    finished(request, status: 204, upstream: nil, tries: 0, cause: nil)
    return (.noContent, headers, nil)
  }

  /// - Throws: 429 if its client has asked too much.
  func limit(_ request: ClientRequest) throws(RequestFailure) {
    guard let limits else { return }
    let key = request.caller.map { ClientKey.person($0.id) } ?? .address(request.client.client)
    let decision = limits.take(key)
    request.rateLimit = decision.header
    guard decision.isAllowed else {
      throw RequestFailure(
        .tooManyRequests, code: "TOO_MANY_REQUESTS", message: "Too many requests: go on after Retry-After seconds.",
        headers: [.retryAfter: String(decision.retryAfterSeconds)])
    }
  }

  // MARK: What becomes of it

  /// The head that the service gets.
  func forwarded(
    _ request: ClientRequest, to upstream: Upstream, _ uri: String, _ options: ConnectionOptions,
    peer: (address: ClientAddress, text: String), nowMs: Int64, _ identifiers: inout IdentifierSource
  ) -> ByteBuffer {
    let trace =
      request.fields.contains(.trace) && !options.name("traceparent")
      ? TraceParent(request.head.headers.first(name: "traceparent"))?.text : nil
    let statement = ForwardedRequest.Statement(
      caller: request.caller, requestID: request.id, deadlineMs: nowMs + times.total.nanoseconds / 1_000_000,
      traceParent: trace ?? identifiers.traceParent(), peer: peer.text, isPeerTrusted: proxies.contain(peer.address))
    return upstream.forwarding.head(
      request.head, uri, options, request.framing, isBodyExpected: request.isBodyExpected, statement)
  }

  func answer(_ failure: RequestFailure, to request: ClientRequest) -> Answer {
    var headers = HTTPHeaders()
    headers.reserveCapacity(12)
    for field in failure.headers { headers.add(name: field.name.rawName, value: field.value) }
    headers.add(name: "Content-Type", value: RequestFailure.mediaType)
    headers.add(name: "Cache-Control", value: "private, no-store")
    headers.add(name: "X-Content-Type-Options", value: "nosniff")
    sign(&headers, request)
    let status = HTTPResponseStatus(
      statusCode: Int(failure.status.code), reasonPhrase: failure.status.reasonPhrase)
    return (status, headers, failure.body(requestID: request.id))
  }

  /// What the gateway adds to every answer.
  func sign(_ headers: inout some FieldSink, _ request: ClientRequest) {
    headers.add(name: "X-Request-Id", value: request.id)
    if let limits, let rateLimit = request.rateLimit {
      headers.add(name: "RateLimit-Policy", value: limits.policy)
      headers.add(name: "RateLimit", value: rateLimit)
    }
    cors.add(to: &headers, origin: request.origin)
  }

  /// More bytes than ``sign(_:_:)`` adds for it.
  func signatureBytes(_ request: ClientRequest) -> Int {
    768 + request.id.utf8.count + (request.rateLimit?.utf8.count ?? 0) + (request.origin?.utf8.count ?? 0)
  }

  /// Counts and logs a request that is answered.
  /// - Parameter upstream: that was tried for it; it counts those itself.
  func finished(
    _ request: ClientRequest, status: Int, upstream: Upstream?, tries: Int, retries: Int = 0, cause: UpstreamFailure?
  ) {
    let elapsed = NIODeadline.now() - request.arrival
    if let upstream {
      upstream.ended(status: status, retries: retries, seconds: Double(elapsed.nanoseconds) / 1e9)
    } else {
      GatewayMetrics.requests(metrics, route: request.upstream?.name.rawValue ?? "none", status: status).increment()
    }
    guard logger.logLevel <= .info else { return }
    var metadata: Logger.Metadata = [
      "request_id": "\(request.id)", "caller": "\(request.callerName)", "client": "\(request.client)",
      "method": "\(request.head.method.rawValue)", "path": "\(RedactedPath.text(request.head.uri))",
      "route": "\(request.upstream?.name.rawValue ?? "none")", "status": "\(status)", "tries": "\(tries)",
      "elapsed_ms": "\((elapsed.nanoseconds + 500_000) / 1_000_000)",
    ]
    if let upstream { metadata["upstream"] = "\(upstream.address.authority)" }
    if let cause { metadata["cause"] = "\(cause.rawValue)" }
    logger.info("request", metadata: metadata)
  }
}
