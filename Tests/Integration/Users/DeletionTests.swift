import HTTPServiceTesting
import JSON
import Postgres
import RealServers
import Testing

@Suite struct DeletionTests {
  @Test func whoIsDeletedIsGoneAtOnceForAllButManagers() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      bench.clock.advance(.seconds(9))
      #expect(try await bench.ask("DELETE", "/api/users/\(id)", as: .learner(id)).status == 204)
      #expect(bench.sessions.ended == [id])
      let event = try #require(try WaitingEvent.all(admin).last)
      #expect(event.type == "user_deleted" && event.producer == "users-service" && event.key == "\(id)")
      #expect(try await bench.verify("anna@example.org").status == 401)
      for caller in [Asking.learner(id), .service] {
        #expect(try await bench.ask("GET", "/api/users/id/\(id)", as: caller).status == 404)
      }
      #expect(try await bench.ask("GET", "/api/users/id/\(id)", as: .manager(99)).status == 200)
      #expect(try await bench.ask("GET", "/api/users/email/anna@example.org", as: .manager(99)).status == 404)
      for (method, path, body) in [
        ("DELETE", "/api/users/\(id)", nil), ("PATCH", "/api/users/\(id)", #"{"name": "X"}"#),
        ("POST", "/api/users/\(id)/reset_code", nil),
      ] as [(String, String, String?)] {
        #expect(try await bench.ask(method, path, body, as: .manager(99)).status == 404, "\(method)")
      }
      let list = try await bench.ask("GET", "/api/users/", as: .manager(99))
      #expect(list.json?.elements?.first?["deleted_at"]?.string == "2026-11-01T00:00:09.000Z", "\(list.text)")
      #expect(try admin.text("SELECT email FROM users") == "anna@example.org", "until the grace is over")
    }
  }

  @Test func theAddressIsFreeAtOnceAndAsOftenAsItIsGivenUp() async throws {
    try await UsersBench.run { bench, admin in
      for _ in 0..<3 {
        let id = try await bench.person("anna@example.org")
        #expect(try await bench.verify("anna@example.org").id == id)
        #expect(try await bench.ask("DELETE", "/api/users/\(id)", as: .learner(id)).status == 204)
      }
      #expect(try admin.number("SELECT count(DISTINCT id) FROM users WHERE email = 'anna@example.org'") == 3)
    }
  }

  @Test func ofTwoDeletionsOneIsTold() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          group.addTask { try await bench.ask("DELETE", "/api/users/\(id)", as: .learner(id)).status }
        }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses.sorted() == [204] + Array(repeating: 404, count: 7))
      #expect(try WaitingEvent.all(admin).map(\.type) == ["user_registered", "user_deleted"])
    }
  }

  @Test func afterTheGraceWhatIsPersonalIsOverwritten() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      let kept = try await bench.person("boris@example.org")
      #expect(try await bench.ask("POST", "/api/users/\(id)/reset_code", as: .manager(99)).status == 201)
      #expect(try await bench.ask("DELETE", "/api/users/\(id)", as: .manager(99)).status == 204)
      // Its registration was refused by Kafka, and is with the operator.
      try admin.sql(
        """
        INSERT INTO outbox_parked (id, xid, event_id, topic, key, value, created_at, reason)
        SELECT id, xid, gen_random_uuid(), topic, key, value, created_at, 'too large' FROM outbox WHERE key = '\(id)'
        """)
      let grace = Duration.seconds(14 * 86_400)
      bench.clock.advance(grace - .milliseconds(1))
      await bench.sweeper(grace: grace).sweep()
      #expect(try admin.number("SELECT count(*) FROM users WHERE erased_at IS NOT NULL") == 0)
      bench.clock.advance(.milliseconds(1))
      await bench.sweeper(grace: grace).sweep()
      await bench.sweeper(grace: grace).sweep()
      let row = try admin.text("SELECT users::text FROM users WHERE id = \(id)")
      for personal in ["Anna", "Petrova", "anna", "argon2id"] { #expect(!row.contains(personal), "\(row)") }
      #expect(try admin.number("SELECT count(*) FROM reset_codes") == 0)
      #expect(try admin.number("SELECT count(*) FROM outbox_parked WHERE value LIKE '%anna%'") == 0)
      #expect(
        try admin.number("SELECT count(*) FROM outbox_parked WHERE value LIKE '%erased-\(id)@erased.invalid%'") == 1)
      let events = try WaitingEvent.all(admin).filter { $0.key == "\(id)" }
      #expect(events.map(\.type) == ["user_registered", "user_deleted", "user_erased"])
      #expect(events.last?.producer == "users-service")
      for caller in [Asking.manager(99), .service, .learner(id)] {
        #expect(try await bench.ask("GET", "/api/users/id/\(id)", as: caller).status == 404)
      }
      let list = try await bench.ask("GET", "/api/users/", as: .manager(99))
      #expect(list.json?.elements?.count == 1 && list.json?.elements?.first?["id"] == .number("\(kept)"))
      #expect(bench.metrics.exposition().contains("users_erased_total 1\n"))
    }
  }

  @Test func withoutAGraceTheNextLookErases() async throws {
    try await UsersBench.run { bench, admin in
      let ids = try await bench.person("anna@example.org")
      _ = try await bench.ask("DELETE", "/api/users/\(ids)", as: .learner(ids))
      let running = Task { try await bench.sweeper(grace: .zero).run() }
      defer { running.cancel() }
      var erased = 0
      for _ in 0..<500 where erased == 0 {
        erased = try admin.number("SELECT count(*) FROM users WHERE erased_at IS NOT NULL")
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(erased == 1)
      running.cancel()
      try await running.value
    }
  }

  /// More than one batch, several purges at once: each is erased once.
  @Test func onePurgeAtATime() async throws {
    try await UsersBench.run { bench, admin in
      try admin.sql(
        """
        INSERT INTO users (name, surname, email, password_hash, created_at, updated_at, deleted_at)
        SELECT 'Anna', 'Petrova', 'p' || n || '@example.org', 'x', to_timestamp(0), to_timestamp(0), to_timestamp(n)
        FROM generate_series(1, 250) n
        """)
      await withTaskGroup { group in
        for _ in 0..<4 { group.addTask { await bench.sweeper(grace: .zero).sweep() } }
      }
      await bench.sweeper(grace: .zero).sweep()
      #expect(try admin.number("SELECT count(*) FROM users WHERE erased_at IS NOT NULL") == 250)
      let events = try WaitingEvent.all(admin)
      #expect(events.count == 250 && Set(events.map(\.key)).count == 250)
      #expect(bench.metrics.exposition().contains("users_erased_total 250\n"))
    }
  }
}
