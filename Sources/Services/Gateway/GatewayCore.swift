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
  typealias Answer = (head: HTTPResponseHead, body: ByteBuffer?)

  let tokens: TokenGate
  let proxies: TrustedProxies
  let times: GatewayTimes
  let drain: Drain
  private let cors: CORSPolicy
  private let limits: ClientLimits?
  private let upstreams: [UpstreamName: Upstream]
  private let forwarding: [UpstreamName: ForwardedRequest]
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
    let all = UpstreamName.allCases.compactMap { name in
      configuration.upstreams[name].map { Upstream(name, $0, connectionsPerLoop: share, metrics: metrics) }
    }
    upstreams = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    forwarding = upstreams.mapValues {
      ForwardedRequest(upstreamHost: $0.address.authority, gatewaySecret: configuration.secret.revealed)
    }
    loops = Dictionary(
      uniqueKeysWithValues: eventLoops.map {
        (ObjectIdentifier($0), NIOLoopBoundBox.makeEmptyBox(valueType: ForwardingLoop.self, eventLoop: $0))
      })
    GatewayMetrics.register(all, revocations, in: metrics)
  }

  /// Of the calling event loop.
  func loop(_ eventLoop: any EventLoop) -> ForwardingLoop {
    guard let box = loops[ObjectIdentifier(eventLoop)] else { preconditionFailure("a loop of another group") }
    if let loop = box.value { return loop }
    let loop = ForwardingLoop(Array(upstreams.values), eventLoop, times)
    box.value = loop
    // The first connection of this loop begins: from now on it may have streams.
    _ = drain.whenBegun { eventLoop.execute { box.value?.endStreams() } }
    return loop
  }

  func upstream(_ name: UpstreamName) -> Upstream {
    guard let upstream = upstreams[name] else { preconditionFailure("there is no route to what is not there") }
    return upstream
  }

  // MARK: What a request must be

  func framing(_ head: HTTPRequestHead) throws(RequestFailure) -> BodyFraming {
    guard head.version.major == 1, head.version.minor <= 1 else {
      throw RequestFailure(
        .httpVersionNotSupported, code: "VERSION_NOT_SUPPORTED", message: "HTTP/1.1 and HTTP/1.0 are spoken here.")
    }
    let framing = try BodyFraming(head)
    let hosts = head.headers["host"].count
    guard hosts == 1 || (hosts == 0 && head.version.minor == 0) else {
      throw RequestFailure(.badRequest, code: "INVALID_HOST", message: "A request has exactly one Host.")
    }
    return framing
  }

  func destination(_ head: HTTPRequestHead) throws(RequestFailure) -> RequestTarget.Destination {
    switch head.method {
    // CONNECT is for proxies to anywhere, and TRACE shows what only the services may see.
    case .CONNECT, .TRACE:
      throw RequestFailure(
        .methodNotAllowed, code: "METHOD_NOT_ALLOWED", message: "CONNECT and TRACE are not served.",
        // Of those that are passed on; which of them a path has, its service knows.
        headers: [.allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"])
    default: break
    }
    if let expectation = head.headers.first(name: "expect"), !FieldName.isSame(expectation, "100-continue") {
      throw RequestFailure(
        .expectationFailed, code: "EXPECTATION_FAILED", message: "Only 100-continue may be expected.")
    }
    do throws(TargetProblem) {
      let destination = try RequestTarget(head.uri).destination
      if case .upstream(let name, _) = destination, upstreams[name] == nil { return .nowhere }
      return destination
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
  func authorization(_ headers: HTTPHeaders, _ options: ConnectionOptions) throws(RequestFailure) -> String? {
    var found: String?
    for (name, value) in headers where name.utf8.count == 13 && FieldName.isSame(name, "authorization") {
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
    return (HTTPResponseHead(version: request.head.version, status: .noContent, headers: headers), nil)
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

  func forwarded(
    _ request: ClientRequest, _ uri: String, _ options: ConnectionOptions, peer: (address: ClientAddress, text: String),
    nowMs: Int64,
    _ identifiers: inout IdentifierSource
  ) -> HTTPRequestHead {
    guard let name = request.upstream, let forwarding = forwarding[name] else {
      preconditionFailure("what is forwarded goes somewhere")
    }
    let trace = options.name("traceparent") ? nil : TraceParent(request.head.headers.first(name: "traceparent"))?.text
    let statement = ForwardedRequest.Statement(
      caller: request.caller, requestID: request.id, deadlineMs: nowMs + times.total.nanoseconds / 1_000_000,
      traceParent: trace ?? identifiers.traceParent(), peer: peer.text, isPeerTrusted: proxies.contain(peer.address))
    let headers = forwarding.headers(
      request.head.headers, options, request.framing, isBodyExpected: request.isBodyExpected, statement)
    return HTTPRequestHead(version: .http1_1, method: request.head.method, uri: uri, headers: headers)
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
    return (
      HTTPResponseHead(version: request.head.version, status: status, headers: headers),
      failure.body(requestID: request.id)
    )
  }

  /// What the gateway adds to every answer.
  func sign(_ headers: inout HTTPHeaders, _ request: ClientRequest) {
    headers.add(name: "X-Request-Id", value: request.id)
    if let limits, let rateLimit = request.rateLimit {
      headers.add(name: "RateLimit-Policy", value: limits.policy)
      headers.add(name: "RateLimit", value: rateLimit)
    }
    cors.add(to: &headers, origin: request.origin)
  }

  func finished(
    _ request: ClientRequest, status: Int, upstream: Upstream?, tries: Int, cause: UpstreamFailure?
  ) {
    let elapsed = request.elapsed
    if let upstream {
      upstream.count(status: status, elapsed)
    } else {
      GatewayMetrics.requests(metrics, route: request.upstream?.rawValue ?? "none", status: status).increment()
    }
    guard logger.logLevel <= .info else { return }
    var metadata: Logger.Metadata = [
      "request_id": "\(request.id)", "caller": "\(request.callerName)", "client": "\(request.client)",
      "method": "\(request.head.method.rawValue)", "path": "\(RedactedPath.text(request.head.uri))",
      "route": "\(request.upstream?.rawValue ?? "none")", "status": "\(status)", "tries": "\(tries)",
      "elapsed_ms": "\(Int((elapsed / .milliseconds(1)).rounded()))",
    ]
    if let upstream { metadata["upstream"] = "\(upstream.address.authority)" }
    if let cause { metadata["cause"] = "\(cause.rawValue)" }
    logger.info("request", metadata: metadata)
  }
}
