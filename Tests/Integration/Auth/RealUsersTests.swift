import HTTPServiceTesting
import RealServers
import Testing

/// With the real users service, on real Postgres and Redis.
@Suite struct AuthRealUsersTests {
  @Test(.timeLimit(.minutes(2))) func aPersonComesAndGoes() async throws {
    let database = try PostgresDatabase()
    let users = try await RealUsers(database.configuration)
    let bench = try await AuthBench(usersURL: users.url)
    users.know(bench)
    do { try await story(bench, database) } catch { Issue.record("\(error)") }
    await users.stop()
    bench.stop()
  }

  private func story(_ bench: AuthBench, _ database: PostgresDatabase) async throws {
    let anna = #"{"name":"Anna","surname":"Example","email":"anna@example.org","password":"correct horse"}"#
    let registered = try await bench.send("POST", "/api/register", anna)
    #expect(registered.status == 201, "\(registered.text)")
    let taken = try await bench.send("POST", "/api/register", anna)
    #expect(taken.status == 409 && taken.code == "EMAIL_TAKEN", "\(taken.text)")
    let common = try await bench.send("POST", "/api/register", anna.replacing("correct horse", with: "password1"))
    #expect(common.status == 422 && common.details.count == 1, "\(common.text)")

    let wrong = try await bench.tryLogin("anna@example.org", "wrong horse")
    let unknown = try await bench.tryLogin("nobody@example.org", "wrong horse")
    #expect(wrong.status == 401 && unknown.status == 401, "\(wrong.text)")
    #expect(Self.withoutID(wrong) == Self.withoutID(unknown))
    let here = try AuthBench.tokens(try await bench.tryLogin("Anna@Example.org", "correct horse"))
    let id = try here.claims(bench, .access).subject
    let person = StubUsers.Person(id: id, email: "anna@example.org", password: "")
    let me = try await bench.send("GET", "/api/me", as: person)
    #expect(me.status == 200 && me.json?["email"]?.string == "anna@example.org", "\(me.text)")

    // Two tabs.
    async let one = bench.refresh(here.refresh)
    async let two = bench.refresh(here.refresh)
    let tabs = try await [one, two].map { try AuthBench.tokens($0) }
    #expect(try tabs[0].claims(bench, .refresh) == tabs[1].claims(bench, .refresh))
    for tab in tabs { #expect(try await bench.refresh(tab.refresh).status == 200) }

    // Users has all sessions ended before it answers.
    let change = #"{"old_password":"correct horse","new_password":"another staple"}"#
    let changed = try await bench.send("POST", "/api/password", change, as: person)
    #expect(changed.status == 200, "\(changed.text)")
    for old in [try AuthBench.tokens(registered), here] + tabs {
      #expect(try await bench.refresh(old.refresh).status == 401)
    }
    let again = try await bench.send("POST", "/api/password", change, as: person)
    #expect(again.status == 403 && again.code == "OLD_PASSWORD_WRONG", "\(again.text)")
    #expect(try await bench.tryLogin("anna@example.org", "correct horse").status == 401)
    let next = try AuthBench.tokens(try await bench.refresh(AuthBench.tokens(changed).refresh))

    let cookie = "refresh_token=\(next.refresh)"
    #expect(try await bench.send("POST", "/api/logout", as: person, with: next, cookie: cookie).status == 200)
    #expect(try await bench.refresh(next.refresh).status == 401)

    // What happened is told once each, by whom it was asked.
    let events = try database.admin.text(
      """
      SELECT string_agg(value::jsonb->>'event_type', ' ' ORDER BY id) FROM outbox
      WHERE value::jsonb->>'producer' = 'auth-service'
      """)
    #expect(events == "user_registered user_logged_in")
  }

  private static func withoutID(_ answer: RouterAnswer) -> String {
    answer.text.replacing(/"request_id":"[^"]*"/, with: "")
  }
}
