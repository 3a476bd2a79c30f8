import HTTPServiceTesting
import JSON
import Postgres
import RealServers
import Testing

@Suite struct ChangeTests {
  private static let newPassword = "another long passphrase"

  private func change(_ bench: UsersBench, _ id: Int64, _ body: String, as caller: Asking? = nil)
    async throws -> RouterAnswer
  {
    try await bench.ask("PATCH", "/api/users/\(id)", body, as: caller ?? .learner(id))
  }

  @Test func oneChangesOneself() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      bench.clock.advance(.seconds(5))
      let answer = try await change(bench, id, #"{"name": "Ann", "surname": " Smith "}"#)
      #expect(answer.status == 200 && answer.string("name") == "Ann" && answer.string("surname") == "Smith")
      #expect(answer[header: "ETag"] == "\"v2\"")
      #expect(
        try admin.number("SELECT (extract(epoch FROM updated_at) * 1000)::bigint FROM users")
          == Int(UsersBench.start + 5000))
      let nothing = try await change(bench, id, "{}")
      #expect(nothing.status == 200 && nothing[header: "ETag"] == "\"v2\"" && nothing.string("name") == "Ann")
      #expect(try bench.sessions.ended.isEmpty && WaitingEvent.all(admin).count == 1)
    }
  }

  @Test func aForeignerIsNotFoundAndAManagerMay() async throws {
    try await UsersBench.run { bench, _ in
      let (anna, boris) = (try await bench.person("anna@example.org"), try await bench.person("boris@example.org"))
      for (method, path) in [
        ("PATCH", "/api/users/\(anna)"), ("DELETE", "/api/users/\(anna)"), ("GET", "/api/users/id/\(anna)"),
        ("GET", "/api/users/email/anna@example.org"),
      ] {
        let body = method == "PATCH" ? #"{"name": "X"}"# : nil
        let answer = try await bench.ask(method, path, body, as: .learner(boris))
        #expect(answer.status == 404 && answer.code == "USER_NOT_FOUND", "\(method) \(path)")
      }
      for caller in [Asking.learner(anna), .manager(boris), .service] {
        for path in ["/api/users/id/\(anna)", "/api/users/email/ANNA%40example.org/"] {
          let answer = try await bench.ask("GET", path, as: caller)
          #expect(answer.status == 200 && answer.id == anna && answer[header: "ETag"] == "\"v1\"", "\(answer.text)")
        }
      }
      #expect(try await change(bench, anna, #"{"name": "Anya"}"#, as: .manager(boris)).string("name") == "Anya")
    }
  }

  @Test func whoHasSeenAnOlderStateIsTold() async throws {
    try await UsersBench.run { bench, _ in
      let id = try await bench.person("anna@example.org")
      let tag = try #require(try await bench.ask("GET", "/api/users/id/\(id)", as: .learner(id))[header: "ETag"])
      func ask(_ method: String, _ body: String?, _ tag: String) async throws -> Int {
        try await bench.ask(method, "/api/users/\(id)", body, as: .learner(id), headers: ["If-Match": tag]).status
      }
      #expect(try await ask("PATCH", #"{"name": "Ann"}"#, tag) == 200)
      #expect(try await ask("PATCH", #"{"name": "Any"}"#, tag) == 412)
      #expect(try await ask("DELETE", nil, tag) == 412)
      let seen = try await bench.ask(
        "GET", "/api/users/id/\(id)", as: .learner(id), headers: ["If-None-Match": "\"v2\""])
      #expect(seen.status == 304)
      #expect(try await ask("DELETE", nil, "\"v2\"") == 204)
    }
  }

  @Test func aNewPasswordAsksForTheOldOneAndEndsTheSessions() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      let new = #""password": "\#(Self.newPassword)""#
      let missing = try await change(bench, id, "{\(new)}")
      #expect(missing.status == 400 && missing.code == "OLD_PASSWORD_MISSING")
      for caller in [Asking.learner(id), .manager(99), .service] {
        let wrong = try await change(bench, id, #"{\#(new), "old_password": "wrong"}"#, as: caller)
        #expect(wrong.status == 403 && wrong.code == "OLD_PASSWORD_WRONG")
      }
      let old = #""old_password": "\#(UsersBench.password)""#
      let weak = try await change(bench, id, #"{"password": "Petrova!!", \#(old)}"#)
      #expect(weak.status == 422 && weak.details.first?.hasPrefix("password: ") == true)
      // Its new name counts, too.
      let named = try await change(bench, id, #"{"name": "Passphrase", \#(new), \#(old)}"#)
      #expect(named.status == 422)
      #expect(bench.sessions.ended.isEmpty)

      #expect(try await change(bench, id, "{\(new), \(old)}", as: .service).status == 200)
      #expect(bench.sessions.ended == [id])
      #expect(try await bench.verify("anna@example.org").status == 401)
      #expect(try await bench.verify("anna@example.org", Self.newPassword).status == 200)
      #expect(try admin.number("SELECT password_version FROM users") == 2)
    }
  }

  @Test func guessesOfTheOldPasswordAreCounted() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      let guess = #"{"email": "new@example.org", "old_password": "a guess"}"#
      let right = #"{"email": "new@example.org", "old_password": "\#(UsersBench.password)"}"#
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<14 { group.addTask { try await change(bench, id, guess).status } }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses.count { $0 == 403 } == 10 && statuses.count { $0 == 429 } == 4, "\(statuses)")
      let refused = try await change(bench, id, right)
      #expect(refused.status == 429 && refused.code == "TOO_MANY_GUESSES" && refused[header: "Retry-After"] == "900")
      // What needs no password, and the auth service, which counts for itself, go on; neither forgives.
      #expect(try await change(bench, id, #"{"name": "Ann"}"#).status == 200)
      #expect(try await change(bench, id, guess, as: .service).status == 403)
      #expect(try await change(bench, id, right).status == 429)
      bench.clock.advance(.seconds(900))
      for _ in 0..<9 { #expect(try await change(bench, id, guess).status == 403) }
      #expect(try await change(bench, id, right).status == 200)
      #expect(try admin.number("SELECT guesses FROM users") == 0)
    }
  }

  @Test func aNewAddressAsksForThePasswordAndMustBeFree() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      _ = try await bench.person("boris@example.org")
      let old = #""old_password": "\#(UsersBench.password)""#
      #expect(try await change(bench, id, #"{"email": "new@example.org"}"#).status == 400)
      #expect(try await change(bench, id, #"{"email": "ANNA@Example.org"}"#).status == 200, "it is the same")
      let taken = try await change(bench, id, #"{"email": "BORIS@example.org", \#(old)}"#)
      #expect(taken.status == 409 && taken.code == "EMAIL_TAKEN")
      let moved = try await change(bench, id, #"{"email": "New@example.org", \#(old)}"#)
      #expect(moved.status == 200 && moved.string("email") == "new@example.org")
      #expect(try await bench.verify("anna@example.org").status == 401)
      #expect(try await bench.verify("new@example.org").id == id)
      #expect(try await bench.register("anna@example.org").status == 201, "the old address is free")
      #expect(bench.sessions.ended.isEmpty)
      #expect(try admin.number("SELECT count(*) FROM users WHERE email = 'new@example.org'") == 1)
    }
  }

  @Test func onlyAManagerSaysWhoIsOne() async throws {
    try await UsersBench.run { bench, _ in
      let id = try await bench.person("anna@example.org")
      for caller in [Asking.learner(id), .service] {
        for value in ["true", "false"] {
          let answer = try await change(bench, id, #"{"name": "Ann", "is_manager": \#(value)}"#, as: caller)
          #expect(answer.status == 403 && answer.code == "FORBIDDEN")
        }
      }
      #expect(try await bench.ask("GET", "/api/users/id/\(id)", as: .service).string("name") == "Anna")
      let made = try await change(bench, id, #"{"is_manager": true}"#, as: .manager(99))
      #expect(made.json?["is_manager"] == .bool(true) && bench.sessions.ended.isEmpty)
      let unmade = try await change(bench, id, #"{"is_manager": false}"#, as: .manager(99))
      #expect(unmade.json?["is_manager"] == .bool(false) && bench.sessions.ended == [id])
      _ = try await change(bench, id, #"{"is_manager": false}"#, as: .manager(99))
      #expect(bench.sessions.ended == [id], "who is none loses nothing")
    }
  }

  @Test func whereSessionsCannotBeEndedNothingIsChanged() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org", isManager: true)
      let before = try admin.text("SELECT users::text FROM users")
      bench.sessions.fail(true)
      let password = #"{"password": "\#(Self.newPassword)", "old_password": "\#(UsersBench.password)"}"#
      for (method, body, caller) in [
        ("PATCH", password, Asking.learner(id)), ("PATCH", #"{"is_manager": false}"#, .manager(99)),
        ("DELETE", nil, .learner(id)),
      ] {
        let answer = try await bench.ask(method, "/api/users/\(id)", body, as: caller)
        #expect(answer.status == 503 && answer.code == "SESSION_STORE_UNAVAILABLE", "\(answer.text)")
        #expect(answer[header: "Retry-After"] != nil)
      }
      // Nor where the answer does not come.
      bench.sessions.fail(false)
      bench.sessions.delay(.seconds(60))
      let start = ContinuousClock.now
      #expect(try await bench.ask("DELETE", "/api/users/\(id)", as: .learner(id)).status == 503)
      #expect(.now - start < .seconds(8))
      #expect(try admin.text("SELECT users::text FROM users") == before)
      #expect(try WaitingEvent.all(admin).map(\.type) == ["user_registered"])
      bench.sessions.delay(nil)
      #expect(try await bench.ask("DELETE", "/api/users/\(id)", as: .learner(id)).status == 204)
    }
  }

  /// A login that comes while the password is being changed waits, and finds another one.
  @Test func noLoginSlipsBetweenTheEndOfTheSessionsAndTheChange() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      bench.sessions.delay(.milliseconds(1200))
      async let changed = change(
        bench, id, #"{"password": "\#(Self.newPassword)", "old_password": "\#(UsersBench.password)"}"#)
      var held = false
      for _ in 0..<1000 where !held {
        held =
          try admin.number(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
          )
          > 0
        try await Task.sleep(for: .milliseconds(2))
      }
      #expect(held)
      #expect(try await bench.verify("anna@example.org").status == 401)
      #expect(try await changed.status == 200)
    }
  }
}
