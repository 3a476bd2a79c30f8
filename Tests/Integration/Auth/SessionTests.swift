import HTTPServiceTesting
import JSON
import ServiceContract
import Testing

@Suite struct AuthSessionTests {
  private func list(
    _ bench: AuthBench, _ person: StubUsers.Person, _ tokens: AuthBench.Tokens
  ) async throws -> [JSONValue] {
    let answer = try await bench.send("GET", "/api/sessions", as: person, with: tokens)
    guard case .array(let sessions)? = answer.json else { return [] }
    #expect(answer[header: "Cache-Control"] == "private, no-store")
    return sessions
  }

  @Test func whereOneIsLoggedIn() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let (person, other) = (bench.person(), bench.person())
    let first = try await bench.logIn(person)
    bench.advance(milliseconds: 5000)
    let second = try await bench.logIn(person)
    let foreign = try await bench.logIn(other)
    bench.advance(milliseconds: 5000)
    let moved = try await bench.send(
      "POST", "/api/refresh", cookie: "refresh_token=\(first.refresh)",
      headers: [
        "X-Forwarded-For": "2001:db8::7", "User-Agent": "Телефон \u{1F4F1}" + String(repeating: "x", count: 300),
      ])
    #expect(moved.status == 200)
    let sessions = try await list(bench, person, second)
    #expect(sessions.count == 2)
    #expect(
      sessions.map { $0["id"] } == [first, second].map { .string((try? $0.claims(bench, .access).familyID) ?? "") })
    #expect(sessions[0]["address"] == .string("2001:db8::7") && sessions[1]["address"] == .string("192.0.2.1"))
    #expect(sessions[1]["device"] == .string("Test/1"))
    if case .string(let device)? = sessions[0]["device"] { #expect(device.unicodeScalars.count == 200) }
    #expect(sessions.map { $0["is_current"] } == [.bool(false), .bool(true)])
    #expect(sessions[0]["last_used_at"] != sessions[0]["created_at"])

    let id = try first.claims(bench, .access).familyID
    let strange = try await bench.send("DELETE", "/api/sessions/\(id)", as: other, with: foreign)
    #expect(strange.status == 404 && strange.code == "SESSION_NOT_FOUND", "another's is not there")
    #expect(try await bench.send("DELETE", "/api/sessions/\(id)", as: person, with: second).status == 204)
    #expect(try await bench.refresh(AuthBench.tokens(moved).refresh).status == 401)
    #expect(try await bench.send("DELETE", "/api/sessions/\(id)", as: person, with: second).status == 404)
    #expect(try await list(bench, person, second).count == 1)
    // One that has run out is not shown.
    bench.advance(milliseconds: 5 * 86_400_000 + 1000)
    #expect(try await list(bench, person, second).isEmpty)
  }

  @Test func aHundredAndNoMore() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person()
    let first = try await bench.logIn(person)
    bench.advance(milliseconds: 2000)
    for _ in 0..<99 { _ = try await bench.logIn(person) }
    #expect(try await bench.refresh(first.refresh).status == 200)
    bench.advance(milliseconds: 2000)
    for _ in 0..<100 { _ = try await bench.logIn(person) }
    #expect(try await list(bench, person, first).count == 100)
    #expect(try await bench.refresh(first.refresh).status == 401, "the oldest has ended")
  }

  @Test func whoAmI() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person(isManager: true)
    let me = try await bench.send("GET", "/api/me", as: person)
    #expect(me.status == 200 && me.json?["email"] == .string(person.email) && me.json?["is_manager"] == .bool(true))
    #expect(try await bench.send("GET", "/api/me").status == 401)
    let gone = StubUsers.Person(id: 1, email: "gone", password: "")
    let answer = try await bench.send("GET", "/api/me", as: gone)
    #expect(answer.status == 401 && answer.code == "ACCOUNT_GONE")
  }
}
