import Digests
import Foundation
import Gateway
import HTTPService
import Logging
import Loopback
import RealServers
import Redis
import ServiceContract
import ServiceLifecycle
import Settings
import Synchronization
import Telemetry

/// A gateway on a free port, with auth's keys from a loopback server and the real Redis, for as long as a test runs.
final class LiveGateway: Sendable {
  /// What a test may set otherwise.
  struct Options: Sendable {
    var redisURL: String?
    var upstreams: [UpstreamName: String] = [:]
    var proxies: [String] = []
    var origins: [String] = []
    var rateLimit: RateLimitPolicy?
    var connections = 64
    var drain = Drain()
    var times = GatewayTimes()
    var limits = ConnectionLimits()
    /// What auth answers, given the keys to publish, and the number of the request.
    var auth: @Sendable (String, Int) -> TestUpstream.Reply = { keys, _ in .answer(TestUpstream.ok(keys)) }
    /// Whether to wait until it can tell who asks.
    var waitsUntilReady = true
  }

  let port: Int
  let metrics: MetricsRegistry
  /// Whose keys auth publishes.
  let signer: TokenSigner
  let auth: TestUpstream
  let log: LogLines
  private let stopping: @Sendable () async -> Void

  private init(
    _ port: Int, _ metrics: MetricsRegistry, _ signer: TokenSigner, _ auth: TestUpstream, _ lines: LogLines,
    _ stopping: @escaping @Sendable () async -> Void
  ) {
    self.port = port
    self.metrics = metrics
    self.signer = signer
    self.auth = auth
    self.stopping = stopping
    log = lines
  }

  final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  /// Tells it to stop.
  func stop() async { await stopping() }

  func connect(receiveBytes: Int32? = nil) throws -> RawConnection {
    try RawConnection(port: port, receiveBytes: receiveBytes)
  }

  /// Sends one request on a connection of its own, and takes the whole answer.
  func ask(_ text: String) async throws -> RawAnswer {
    let connection = try connect()
    connection.send(text)
    return try await connection.answer()
  }

  func get(_ path: String, _ headers: String = "") async throws -> RawAnswer {
    try await ask("GET \(path) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n")
  }

  func token(
    _ person: Int64 = 7, isManager: Bool = false, id: String = UUID().uuidString, kind: TokenKind = .access,
    issuedAtMs: Int64? = nil, lifetime: Int64 = 900
  ) -> String {
    let issued = issuedAtMs ?? Int64(Date().timeIntervalSince1970 * 1000)
    return signer.sign(
      TokenClaims(
        subject: person, isManager: isManager, tokenID: id, familyID: "family", issuedAtMs: issued,
        expiresAt: issued / 1000 + lifetime), as: kind)
  }

  /// Starts one, and stops it after `body`.
  static func run(
    _ options: Options = Options(), _ body: @Sendable (LiveGateway) async throws -> Void
  ) async throws {
    let key = P256PrivateKey()
    let signer = TokenSigner(key)
    let keys = JSONWebKeySet([JSONWebKey(key.publicKey)]).json
    let reply = options.auth
    let auth = TestUpstream { _, count in reply(keys, count) }
    defer { auth.stop() }
    var addresses = try options.upstreams.mapValues { try UpstreamAddress($0, setting: "test") }
    if addresses[.auth] == nil { addresses[.auth] = try UpstreamAddress(auth.url, setting: "AUTH_URL") }
    var configuration = GatewayConfiguration(
      upstreams: addresses, secret: Secret("a-secret-of-the-gateway"), proxies: try TrustedProxies(options.proxies),
      cors: try CORSPolicy(origins: options.origins), rateLimit: options.rateLimit)
    configuration.times = options.times
    configuration.upstreamConnections = options.connections
    let (metrics, lines) = (MetricsRegistry(), LogLines())
    let service = try GatewayService(
      configuration, redis: try RedisServer.configuration(options.redisURL), drain: options.drain, metrics: metrics,
      logger: LogOutput.logger(label: "gateway") { lines.add($0) })
    defer { service.close() }
    let (ports, announce) = AsyncStream<Int>.makeStream()
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let role = HTTPRole(
      host: "127.0.0.1", port: 0, longestRequest: .seconds(2), limits: options.limits, drain: options.drain,
      logger: quiet,
      onRunning: { announce.yield($0) })
    let group = ServiceGroup(
      services: [Served(role: role, service: service)], gracefulShutdownSignals: [], logger: quiet)
    let waits = options.waitsUntilReady
    try await withThrowingTaskGroup { tasks in
      tasks.addTask { try await group.run() }
      if let port = await ports.first(where: { _ in true }) {
        let gateway = LiveGateway(port, metrics, signer, auth, lines) { await group.triggerGracefulShutdown() }
        if waits { try await gateway.becomeReady() }
        do {
          try await body(gateway)
        } catch {
          await group.triggerGracefulShutdown()
          throw error
        }
        await group.triggerGracefulShutdown()
      }
      try await tasks.waitForAll()
    }
  }

  func becomeReady() async throws {
    for _ in 0..<400 {
      if try await get("/health/ready").status == 200 { return }
      try await Task.sleep(for: .milliseconds(25))
    }
    throw Failure("the gateway does not become ready: \(try await get("/health/ready").body)")
  }

  private struct Served: Service {
    let role: HTTPRole
    let service: GatewayService

    func run() async throws {
      try await role.serve(service.router(), stopsOnSignals: false, interceptor: service.interceptor)
    }
  }
}
