import HTTPServiceTesting
import JSON
import Testing

@Suite struct PeopleTests {
  @Test func otherServicesFindPeople() async throws {
    try await UsersBench.run { bench, admin in
      let anna = try await bench.person("anna@example.org")
      let boris = try await bench.person("boris@example.org")
      let gone = try await bench.person("gone@example.org")
      #expect(try await bench.ask("DELETE", "/api/users/\(gone)", as: .learner(gone)).status == 204)
      func ask(_ body: String) async throws -> RouterAnswer {
        try await bench.ask("POST", "/api/internal/people", body, as: .service)
      }
      func ids(_ body: String) async throws -> [Int64] {
        let answer = try await ask(body)
        #expect(answer.status == 200, "\(answer.text)")
        return (answer.json?.elements ?? []).compactMap { element in
          if case .number(let digits)? = element["id"] { Int64(digits) } else { nil }
        }
      }
      let found = try await ask(#"{"emails": ["ANNA@example.org"]}"#)
      #expect(
        found.text
          == #"[{"id":\#(anna),"name":"Anna","surname":"Petrova","email":"anna@example.org"}]"# + "\n")
      let several = #"{"emails": [" Boris@example.org", "gone@example.org", "nobody@example.org", "no address", ""]}"#
      #expect(try await ids(several) == [boris])
      #expect(try await ids("{\"user_ids\": [\(boris), \(gone), 999999, \(anna), \(anna)]}") == [anna, boris])
      #expect(try await ids("{\"user_ids\": [\(boris)], \"emails\": [\"anna@example.org\"]}") == [anna, boris])
      #expect(try await ids("{}") == [])
      let many = (1...501).map(String.init).joined(separator: ",")
      #expect(try await ask("{\"user_ids\": [\(many)]}").status == 422)
      #expect(try await ask(#"{"user_ids": ["1"]}"#).status == 422)
      #expect(try await bench.ask("POST", "/api/internal/people", "{}", as: .manager(anna)).status == 401)

      try admin.sql(
        """
        INSERT INTO users (name, surname, email, password_hash, created_at, updated_at)
        SELECT 'Anna', 'Petrova', 'p' || n || '@example.org', 'x', now(), now() FROM generate_series(1, 20000) n
        """, "ANALYZE users")
      let plan = try admin.sql(
        """
        EXPLAIN SELECT id FROM users
        WHERE id IN (
          SELECT id FROM users WHERE lower(email) = ANY ('{p7@example.org}'::text[]) AND deleted_at IS NULL
          UNION ALL SELECT id FROM users WHERE id = ANY ('{1}'::bigint[]) AND deleted_at IS NULL)
        """)
      let lines = try plan.map { try $0.value(0, as: String.self) }
      #expect(lines.contains { $0.contains("users_email") } && !lines.contains { $0.contains("Seq Scan") }, "\(lines)")
    }
  }
}
