import HTTPServiceTesting
import JSON
import Postgres
import RealServers
import Testing

@Suite struct ListTests {
  /// Many of one moment, and new ones while the pages are turned: each that was there is seen once, in order.
  @Test func pagesUnderInserts() async throws {
    try await UsersBench.run { bench, admin in
      func insert(_ from: Int, _ to: Int, at second: String) throws {
        try admin.sql(
          """
          INSERT INTO users (name, surname, email, password_hash, created_at, updated_at)
          SELECT 'Anna', 'Petrova', 'p' || n || '@example.org', 'x', to_timestamp(\(second)), to_timestamp(0)
          FROM generate_series(\(from), \(to)) n
          """)
      }
      try insert(1, 57, at: "1000 + n / 10 + 0.000001")
      let expected = try admin.sql("SELECT id FROM users ORDER BY created_at DESC, id DESC").map { row in
        try row.value(0, as: Int64.self)
      }
      var seen: [Int64] = []
      var cursor: String?
      var pages = 0
      repeat {
        let query = cursor.map { "&cursor=\($0)" } ?? ""
        let answer = try await bench.ask("GET", "/api/users/?limit=7\(query)", as: .manager(1))
        #expect(answer.status == 200, "\(answer.text)")
        seen += (answer.json?.elements ?? []).compactMap { element in
          if case .number(let digits)? = element["id"] { Int64(digits) } else { nil }
        }
        cursor = answer[header: "X-Next-Cursor"]
        pages += 1
        try insert(1000 * pages, 1000 * pages + 3, at: "5000 + n")
      } while cursor != nil && pages < 20
      #expect(seen == expected && pages == 9)
    }
  }

  @Test func twentyWithoutALimit() async throws {
    try await UsersBench.run { bench, admin in
      try admin.sql(
        """
        INSERT INTO users (name, surname, email, password_hash, created_at, updated_at)
        SELECT 'Anna', 'Petrova', 'p' || n || '@example.org', 'x', now(), now() FROM generate_series(1, 21) n
        """)
      let answer = try await bench.ask("GET", "/api/users", as: .manager(1))
      #expect(answer.json?.elements?.count == 20 && answer[header: "X-Next-Cursor"] != nil)
      #expect(answer.json?.elements?.first?["last_login_at"] == .null)
      let other = try await bench.ask(
        "GET", "/api/users?cursor=\(answer[header: "X-Next-Cursor"]!.dropLast())x", as: .manager(1))
      #expect(other.status == 400 && other.code == "INVALID_CURSOR")
    }
  }

  @Test func theListIsReadByItsIndex() async throws {
    try await UsersBench.run { _, admin in
      try admin.sql(
        """
        INSERT INTO users (name, surname, email, password_hash, created_at, updated_at)
        SELECT 'Anna', 'Petrova', 'p' || n || '@example.org', 'x', now() - n * interval '1 minute', now()
        FROM generate_series(1, 20000) n
        """, "ANALYZE users")
      let plan = try admin.sql(
        """
        EXPLAIN SELECT * FROM users WHERE erased_at IS NULL AND (created_at, id) < (now() - interval '7 days', 5)
        ORDER BY created_at DESC, id DESC LIMIT 21
        """
      ).map { row in try row.value(0, as: String.self) }.joined(separator: "\n")
      #expect(plan.contains("users_newest") && !plan.contains("Sort"), "\(plan)")
    }
  }
}
