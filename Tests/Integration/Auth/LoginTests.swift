import Auth
import HTTPServiceTesting
import JSON
import ServiceContract
import Settings
import Testing

@Suite struct AuthLoginTests {
  @Test func whoLogsInGetsAPair() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person(isManager: true)
    let tokens = try await bench.logIn(person)
    let (access, refresh) = (try tokens.claims(bench, .access), try tokens.claims(bench, .refresh))
    #expect(access.subject == person.id && access.isManager && access.familyID == refresh.familyID)
    #expect(access.expiresAt == access.issuedAtMs / 1000 + 900)
    #expect(refresh.expiresAt == refresh.issuedAtMs / 1000 + 5 * 86_400)
    #expect(access.tokenID != refresh.tokenID && access.tokenID.utf8.count == 22)
    let seconds = try #require(tokens.cookie.firstMatch(of: /Max-Age=(\d+);/).flatMap { Int($0.1) })
    #expect((431_990...432_000).contains(seconds))
    #expect(
      tokens.cookie == "refresh_token=\(tokens.refresh); Max-Age=\(seconds); Path=/auth; HttpOnly; SameSite=Lax")
    // The gateway finds the key where it looks for it.
    let published = try await bench.direct("GET", JSONWebKeySet.path)
    #expect(published.status == 200 && published[header: "Content-Type"] == JSONWebKeySet.mediaType)
    let verifier = TokenVerifier(keys: try JSONWebKeySet(json: Array(published.text.utf8)))
    #expect(try verifier.verify(tokens.access, as: .access, now: bench.now / 1000) == access)
    #expect(!published.text.contains("\"d\""))
    let exposition = bench.metrics.exposition()
    #expect(exposition.contains("\nauth_logins_success_total 1\n"))
    #expect(exposition.contains("\nauth_http_requests_total{"))
  }

  @Test func whoRegistersIsLoggedIn() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    func body(_ email: String, password: String = "correct horse") -> String {
      #"{"name":"Анна","surname":"Example","email":"\#(email)","password":"\#(password)","timezone":"Europe/Moscow"}"#
    }
    let answer = try await bench.send("POST", "/api/register", body("anna@example.org"))
    #expect(answer.status == 201, "\(answer.text)")
    #expect(try await bench.refresh(AuthBench.tokens(answer).refresh).status == 200)
    let asked = bench.users.state.withLock { $0.requests[0] }
    #expect(asked.head.contains("X-Service-Auth: \(AuthBench.serviceSecret)\r\n"))
    #expect(asked.body == body("anna@example.org"))
    let again = try await bench.send("POST", "/api/register", body("anna@example.org"))
    #expect(again.status == 409 && again.code == "EMAIL_TAKEN" && again[header: "Set-Cookie"] == nil)
    let common = try await bench.send("POST", "/api/register", body("b@example.org", password: "password"))
    #expect(common.status == 422 && common.details == ["password: is common"])
    let bad = try await bench.send("POST", "/api/register", body("nobody", password: "short"))
    #expect(bad.status == 422 && bad.details.count == 2, "\(bad.text)")
    #expect(bench.users.count("POST /api/users/") == 3, "what is no registration is not passed on")
    #expect(bench.metrics.exposition().contains("\nauth_users_registered_total 1\n"))
  }

  /// Body and headers, but for the request's id.
  @Test func anUnknownAddressAndAWrongPasswordAreAnsweredAlike() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person()
    let (wrong, unknown) = (
      try await bench.tryLogin(person.email, "wrong"), try await bench.tryLogin("x\(person.email)", "wrong")
    )
    for answer in [wrong, unknown] {
      #expect(answer.status == 401 && answer.code == "INVALID_CREDENTIALS" && answer[header: "Set-Cookie"] == nil)
    }
    func plain(_ answer: RouterAnswer) -> String { answer.text.replacing(/"request_id":"[^"]*"/, with: "") }
    #expect(plain(wrong) == plain(unknown))
    #expect(wrong.headers.map(\.name) == unknown.headers.map(\.name))
    #expect(bench.users.count("POST /api/verify_user") == 2, "both cost a hash")
    #expect(bench.metrics.exposition().contains("\nauth_logins_failed_total 2\n"))
  }

  /// Tokens have true times; what is told of the login has the simulated one.
  @Test func aSimulatedTimeIsPassedOnAndNotTaken() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person()
    let time = RequestClock(try TrustSecrets(Settings(environment: [:])), isLocal: true).header(1_700_000_000_000)
    let body = #"{"email":"\#(person.email)","password":"\#(person.password)"}"#
    let answer = try await bench.send("POST", "/api/login", body, headers: ["X-Simulated-Time": time])
    let claims = try AuthBench.tokens(answer).claims(bench, .access)
    #expect((bench.now - 60_000...bench.now).contains(claims.issuedAtMs))
    #expect(bench.users.state.withLock { $0.requests[0].head }.contains("X-Simulated-Time: \(time)\r\n"))
  }

  /// Somebody else's old password, verified just before it was changed, opens nothing.
  @Test func aLoginThatMeetsANewPasswordIsVerifiedAgain() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person()
    bench.users.state.withLock { state in
      state.whileVerifying = { [unowned bench] in
        bench.users.state.withLock { state in
          state.whileVerifying = nil
          for index in state.people.indices where state.people[index].id == person.id {
            state.people[index].password = "another"
          }
        }
        bench.revokeBlocking(person.id)
      }
    }
    let answer = try await bench.tryLogin(person.email, person.password)
    #expect(answer.status == 401 && answer.code == "INVALID_CREDENTIALS", "\(answer.text)")
    #expect(bench.users.count("POST /api/verify_user") == 2)
  }

  @Test func aUsersServiceThatIsAway() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person()
    bench.users.stop()
    for _ in 0..<20 {
      let answer = try await bench.tryLogin(person.email, person.password)
      #expect(answer.status == 503 && answer.code == "DEPENDENCY_UNAVAILABLE", "\(answer.text)")
    }
  }
}
