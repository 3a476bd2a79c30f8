import Auth
import Blocking
import Dispatch
import Foundation
import HTTPService
import HTTPServiceTesting
import JSON
import RealServers
import Redis
import ServiceContract
import Settings
import Synchronization
import Telemetry
import Testing

/// The auth service in the process of the test, on the real Redis, with a users service of a few lines and a clock of its own.
final class AuthBench: Sendable {
  /// What a client holds after a login.
  struct Tokens: Sendable {
    let access: String
    let refresh: String
    let cookie: String

    func claims(_ bench: AuthBench, _ kind: TokenKind) throws -> TokenClaims {
      let verifier = TokenVerifier(keys: bench.issuer.published(at: bench.now))
      return try verifier.verify(kind == .access ? access : refresh, as: kind, now: bench.now / 1000)
    }
  }

  static let gatewaySecret = "local-gateway-secret"
  static let serviceSecret = "local-service-secret"

  let users = StubUsers()
  let redis: RedisClient
  let issuer: TokenIssuer
  let metrics = MetricsRegistry()
  private let calls: ServiceClient
  private let router: RouterClient<CallContext>
  private let clock = AheadClock()

  /// By the service's clock, which is ahead of the true one.
  var now: Int64 { clock.now }
  func advance(milliseconds: Int64) { clock.milliseconds.withLock { $0 += milliseconds } }

  /// - Parameters:
  ///   - redis: a server of the test's own; else a database of the shared one, in which nothing but this suite is.
  ///   - usersURL: of a users service that is none of a few lines.
  init(
    redis url: String? = nil, usersURL: String? = nil, failuresPerAccount: Int = 10, failuresPerAddress: Int = 100_000
  ) async throws {
    var configuration = try RedisConfiguration(url: try url ?? RedisServer.url() + "/9")
    configuration.commandTimeout = url == nil ? .seconds(10) : .seconds(1)
    redis = RedisClient(configuration)
    issuer = TokenIssuer(try KeyRing([SigningKey(signsFrom: 0)]))
    let secrets = try TrustSecrets(Settings(environment: [:]))
    calls = ServiceClient(usersURL ?? users.url, as: "auth", secrets)
    let service = AuthService(
      AuthService.Configuration(
        cookie: RefreshCookie(path: "/auth", isSecure: false), failuresPerAccount: failuresPerAccount,
        failuresPerAddress: failuresPerAddress, failureWindow: .seconds(900)),
      issuer: issuer, redis: redis, users: calls, metrics: metrics, clock: { [clock] in clock.now })
    let metrics = metrics
    router = RouterClient(
      service.router { api in
        ServiceRouter(
          api, service: "auth", secrets: secrets, deadline: RequestDeadline(longest: .seconds(30)),
          clock: RequestClock(secrets, isLocal: true), checks: [service.check], metrics: metrics,
          translate: AuthService.translate)
      }, of: service.api)
    // Before any test's clock is ahead.
    #expect(await service.check.run() == .ready)
  }

  func stop() {
    calls.close()
    redis.close()
    users.stop()
  }

  /// Somebody whom the users service knows.
  func person(isManager: Bool = false) -> StubUsers.Person {
    let id = Int64.random(in: 1 << 40...1 << 50)
    let person = StubUsers.Person(
      id: id, email: "p\(id)@example.org", password: "right \(id)", isManager: isManager)
    users.state.withLock { $0.people.append(person) }
    return person
  }

  // MARK: Requests, as they come from the gateway

  func send(
    _ method: String, _ path: String, _ body: String? = nil, as person: StubUsers.Person? = nil,
    with tokens: Tokens? = nil, cookie: String? = nil, headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    var all = ["X-Gateway-Auth": Self.gatewaySecret]
    if let person { (all["X-User-Id"], all["X-User-Ismanager"]) = ("\(person.id)", person.isManager ? "1" : "0") }
    if let tokens { all["Authorization"] = "Bearer \(tokens.access)" }
    if let cookie { all["Cookie"] = cookie }
    return try await router.send(method, path, body, headers: all.merging(headers) { $1 })
  }

  func direct(
    _ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    try await router.send(method, path, body, headers: headers)
  }

  func tryLogin(
    _ email: String, _ password: String, from address: String = "192.0.2.1"
  ) async throws -> RouterAnswer {
    let body = JSONValue.members([("email", .string(email)), ("password", .string(password))]).text
    return try await send("POST", "/api/login", body, headers: ["X-Forwarded-For": address, "User-Agent": "Test/1"])
  }

  func logIn(_ person: StubUsers.Person) async throws -> Tokens {
    let answer = try await tryLogin(person.email, person.password)
    #expect(answer.status == 201, "\(answer.text)")
    return try Self.tokens(answer)
  }

  func refresh(_ token: String) async throws -> RouterAnswer {
    try await send("POST", "/api/refresh", cookie: "refresh_token=\(token)")
  }

  static func tokens(_ answer: RouterAnswer) throws -> Tokens {
    guard case .string(let access)? = answer.json?["access"], case .string(let refresh)? = answer.json?["refresh"]
    else {
      throw Failure("no tokens: \(answer.status) \(answer.text)")
    }
    return Tokens(access: access, refresh: refresh, cookie: answer[header: "Set-Cookie"] ?? "")
  }

  /// What another service does, from a thread that may wait.
  func revokeBlocking(_ person: Int64) {
    let done = DispatchSemaphore(value: 0)
    Task {
      let answer = try? await self.direct(
        "POST", "/api/internal/revoke", #"{"user_id":\#(person)}"#, headers: ["X-Service-Auth": Self.serviceSecret])
      #expect(answer?.status == 204)
      done.signal()
    }
    done.wait()
  }
}

/// The true time and a little more.
private final class AheadClock: Sendable {
  let milliseconds = Mutex<Int64>(0)
  var now: Int64 { RequestClock.wallClock() + milliseconds.withLock { $0 } }
}
