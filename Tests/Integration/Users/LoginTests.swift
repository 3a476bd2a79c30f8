import HTTPServiceTesting
import JSON
import Postgres
import RealServers
import Testing

@Suite struct LoginTests {
  @Test func aLoginIsNotedWithItsEvent() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      bench.clock.advance(.seconds(60))
      let answer = try await bench.verify("ANNA@example.org", timezone: "Asia/Tokyo")
      #expect(answer.status == 200 && answer.id == id && answer.string("email") == "anna@example.org")
      #expect(
        try admin.number("SELECT (extract(epoch FROM last_login_at) * 1000)::bigint FROM users")
          == Int(UsersBench.start + 60_000))
      let event = try #require(try WaitingEvent.all(admin).last)
      #expect(event.type == "user_logged_in" && event.producer == "auth-service" && event.key == "\(id)")
      #expect(event.payload["timezone"]?.string == "Asia/Tokyo")
      _ = try await bench.verify("anna@example.org")
      #expect(try WaitingEvent.all(admin).last?.payload["timezone"] == nil)
      #expect(try WaitingEvent.all(admin).count == 3)
    }
  }

  /// In everything but the request's id.
  @Test func whoIsUnknownAndAWrongPasswordAreAnsweredAlike() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      let gone = try await bench.person("gone@example.org")
      #expect(try await bench.ask("DELETE", "/api/users/\(gone)", as: .learner(gone)).status == 204)
      var texts: Set<String> = []
      for (email, password) in [
        ("anna@example.org", "wrong"), ("nobody@example.org", UsersBench.password),
        ("gone@example.org", UsersBench.password), ("no address", UsersBench.password),
        ("anna@example.org", UsersBench.password + " "), ("anna@example.org", "' OR 1=1 --"),
      ] {
        let answer = try await bench.verify(email, password)
        #expect(answer.status == 401 && answer.code == "INVALID_CREDENTIALS", "\(email) \(answer.text)")
        texts.insert(answer.text.replacing(/"request_id":"[^"]*"/, with: ""))
      }
      #expect(texts.count == 1, "\(texts)")
      #expect(try admin.number("SELECT count(*) FROM users WHERE last_login_at IS NOT NULL") == 0)
      #expect(try WaitingEvent.all(admin).map(\.type).filter { $0 == "user_logged_in" }.isEmpty)
      #expect(try await bench.verify("anna@example.org").id == id)
    }
  }

  @Test func aWeakHashIsRenewed() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      // Of “correct horse battery”, by the reference implementation with t = 2, m = 1024.
      try admin.sql(
        "UPDATE users SET password_hash = '$argon2id$v=19$m=1024,t=2,p=1$ulQaQKXxrDkkaWBea9ev9w$xabVjM/QWYewvqON2Z+DwfDWY9wiCNzk+iCsXMkB6Fw'"
      )
      #expect(try await bench.verify("anna@example.org", "wrong").status == 401)
      #expect(try admin.text("SELECT password_hash FROM users").contains("m=1024"))
      // Several at once: each finds the same password, however often it is hashed anew.
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<6 { group.addTask { try await bench.verify("anna@example.org").status } }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses == Array(repeating: 200, count: 6))
      #expect(try admin.text("SELECT password_hash FROM users").contains("m=9216,t=4"))
      #expect(try admin.number("SELECT password_version FROM users WHERE id = \(id)") == 1)
      // What is no hash is nobody's password.
      try admin.sql("UPDATE users SET password_hash = 'plain'")
      #expect(try await bench.verify("anna@example.org", "plain").status == 401)
    }
  }

  /// The password is changed after it was verified and before the login is noted.
  @Test func aLoginThatMeetsAChangeIsRefused() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      let other = OpenTransaction(
        bench.configuration, "UPDATE users SET password_version = 2, password_hash = 'another' WHERE id = \(id)")
      try await other.hasBegun()
      async let login = bench.verify("anna@example.org")
      #expect(try await OpenTransaction.holdsSomebodyUp(admin))
      try await other.commit()
      #expect(try await login.status == 401)
      #expect(try WaitingEvent.all(admin).map(\.type) == ["user_registered"])
    }
  }

  @Test func moreThanTheHasherTakesIsRefusedAtOnce() async throws {
    try await UsersBench.run { bench, _ in
      _ = try await bench.person("anna@example.org")
      let answers = try await withThrowingTaskGroup(of: RouterAnswer.self) { group in
        for _ in 0..<160 { group.addTask { try await bench.verify("nobody@example.org") } }
        return try await group.reduce(into: [RouterAnswer]()) { $0.append($1) }
      }
      let refused = answers.filter { $0.status == 503 }
      #expect(!refused.isEmpty && refused.allSatisfy { $0.code == "OVERLOADED" && $0[header: "Retry-After"] != nil })
      #expect(answers.allSatisfy { [401, 503].contains($0.status) })
      #expect(bench.metrics.exposition().contains("users_password_hasher_refused_total \(refused.count)\n"))
    }
  }

  @Test func theDeadlineIsKept() async throws {
    try await UsersBench.run { bench, _ in
      let late = try await bench.verify("a@example.org", headers: ["X-Request-Deadline": "1000"])
      #expect(late.status == 504 && late.code == "DEADLINE_EXCEEDED")
    }
  }
}
