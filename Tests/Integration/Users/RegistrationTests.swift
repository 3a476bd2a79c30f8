import HTTPServiceTesting
import JSON
import Postgres
import RealServers
import Testing

@Suite struct RegistrationTests {
  @Test func somebodyRegistersAndTheEventSaysSo() async throws {
    try await UsersBench.run { bench, admin in
      let answer = try await bench.ask(
        "POST", "/api/users/",
        #"{"name": " Анна ", "surname": "O’Neil", "email": " Anna.P@Example.ORG", "password": "correct horse", "timezone": "Europe/Moscow"}"#,
        as: .service)
      #expect(answer.status == 201, "\(answer.text)")
      let id = try #require(answer.id)
      #expect(answer[header: "Location"] == "/api/users/id/\(id)")
      #expect(answer[header: "Cache-Control"] == "private, no-store")
      #expect(
        answer.text
          == #"{"id":\#(id),"name":"Анна","surname":"O’Neil","email":"anna.p@example.org","is_manager":false}"#
          + "\n")
      #expect(try admin.text("SELECT password_hash FROM users").hasPrefix("$argon2id$v=19$m=9216,t=4,p=1$"))
      #expect(
        try admin.number("SELECT (extract(epoch FROM created_at) * 1000)::bigint FROM users") == Int(UsersBench.start))
      let events = try WaitingEvent.all(admin)
      #expect(events.map(\.type) == ["user_registered"] && events[0].producer == "auth-service")
      #expect(events[0].key == "\(id)" && events[0].payload["email"]?.string == "anna.p@example.org")
    }
  }

  /// A name is what can be seen and read; the document says so.
  @Test(arguments: [
    "a\u{202E}b", "a\u{200B}", "a\u{E000}", "a\\nb", "\\u0007", " ", String(repeating: "я", count: 101),
  ])
  func whatIsNoNameIsRefused(_ name: String) async throws {
    try await UsersBench.run { bench, admin in
      let answer = try await bench.ask(
        "POST", "/api/users/",
        "{\"name\": \"\(name)\", \"surname\": \"B\", \"email\": \"a@example.org\", \"password\": \"correct horse\"}",
        as: .service)
      #expect(answer.status == 422 && answer.details.allSatisfy { $0.hasPrefix("name: must ") }, "\(answer.text)")
      #expect(try admin.number("SELECT count(*) FROM users") == 0)
    }
  }

  @Test func anAddressIsTakenInAnyCase() async throws {
    try await UsersBench.run { bench, admin in
      #expect(try await bench.register("Anna@Example.org").status == 201)
      for variant in ["anna@example.org", "ANNA@EXAMPLE.ORG", "anna@example.ORG", "  aNNa@eXample.org\t"] {
        let answer = try await bench.register(variant.replacing("\t", with: "\\t"))
        #expect(answer.status == 409 && answer.code == "EMAIL_TAKEN", "\(variant) \(answer.text)")
        #expect(try await bench.verify(variant.replacing("\t", with: "\\t")).status == 200)
      }
      // The database itself holds it, whoever writes.
      let error = postgresError {
        try admin.sql(
          """
          INSERT INTO users (name, surname, email, password_hash, created_at, updated_at)
          VALUES ('a', 'b', 'ANNA@example.org', 'x', now(), now())
          """)
      }
      #expect(error?.constraint == "users_email")
      #expect(try admin.number("SELECT count(*) FROM outbox WHERE value LIKE '%user_registered%'") == 1)
    }
  }

  @Test func ofManyAtOnceOneIsRegistered() async throws {
    try await UsersBench.run { bench, admin in
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<24 {
          let email = number.isMultiple(of: 2) ? "boris@example.org" : "Boris@Example.Org"
          group.addTask { try await bench.register(email).status }
        }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses.count { $0 == 201 } == 1 && statuses.count { $0 == 409 } == 23, "\(statuses)")
      #expect(try admin.number("SELECT count(*) FROM users") == 1)
      #expect(try WaitingEvent.all(admin).map(\.type) == ["user_registered"])
    }
  }

  @Test func guessablePasswordsAreRefusedAndNothingIsWritten() async throws {
    try await UsersBench.run { bench, admin in
      for password in ["password1", "Petrova 2026", "i am anna.k", "anna anna"] {
        let answer = try await bench.register("anna.k@example.org", password: password)
        #expect(answer.status == 422 && answer.details.first?.hasPrefix("password: ") == true, "\(answer.text)")
        #expect(!answer.text.contains(password))
      }
      #expect(try admin.number("SELECT count(*) FROM users") == 0 && WaitingEvent.all(admin).isEmpty)
    }
  }

  @Test func aManagerRegistersNoManagers() async throws {
    try await UsersBench.run { bench, _ in
      let body =
        #"{"name": "A", "surname": "B", "email": "x@example.org", "password": "correct horse", "is_manager": true}"#
      #expect(try await bench.ask("POST", "/api/users/", body, as: .manager(1)).status == 422)
      let plain = body.replacing(#", "is_manager": true"#, with: "")
      let answer = try await bench.ask("POST", "/api/users/", plain, as: .manager(1))
      #expect(answer.status == 201 && answer.json?["is_manager"] == .bool(false))
    }
  }
}
