import Postgres
import Testing

@Suite struct PostgresURLTests {
  private func parts(_ url: String) throws -> String {
    let parsed = try PostgresConfiguration(url: url)
    return "\(parsed.user) \(parsed.host) \(parsed.port) \(parsed.database) \(parsed.encryption.rawValue)"
  }

  @Test(arguments: [
    ("postgresql://users:secret@localhost:5433/users", "users localhost 5433 users prefer"),
    ("postgres://users@db-1.example_net/users", "users db-1.example_net 5432 users prefer"),
    ("postgresql://u:p@[::1]:5433/d", "u ::1 5433 d prefer"),
    ("postgresql://u:p@[fe80::1]/d", "u fe80::1 5432 d prefer"),
    ("postgresql://u:p@10.0.0.1/d?sslmode=verify-full", "u 10.0.0.1 5432 d verify-full"),
    ("postgresql://u:p@h/d?", "u h 5432 d prefer"), ("postgresql://u%40x:p%2F%3A@h/d%20e", "u@x h 5432 d e prefer"),
    ("postgresql://%D1%8F:p@h/%D0%B1", "я h 5432 б prefer"), ("postgresql://u:a:b@h/d", "u h 5432 d prefer"),
  ]) func whatIsWellFormedIsRead(_ url: String, _ expected: String) throws {
    #expect(try parts(url) == expected)
  }

  @Test(arguments: [
    ("", InvalidPostgresURL.scheme), ("http://u:p@h/d", .scheme), ("users:p@h/d", .scheme),
    ("postgresql:/u@h/d", .scheme),
    ("POSTGRESQL://u@h/d", .scheme),
    ("postgresql://u:p@h/d e", .character), ("postgresql://u:p@h/d\n", .character),
    ("postgresql://ü:p@h/d", .character),
    ("postgresql://u:p\u{0}@h/d", .character), ("postgresql://u:p@h/d#x", .character),
    ("postgresql://h/d", .credentials), ("postgresql://:p@h/d", .credentials), ("postgresql://@h/d", .credentials),
    ("postgresql://u:p@q@h/d", .credentials),
    ("postgresql://u:%@h/d", .encoding), ("postgresql://u:%4@h/d", .encoding), ("postgresql://u:%zz@h/d", .encoding),
    ("postgresql://u:%00@h/d", .encoding), ("postgresql://u:%ff@h/d", .encoding), ("postgresql://u:%+1@h/d", .encoding),
    ("postgresql://u:p@/d", .host), ("postgresql://u:p@:5432/d", .host), ("postgresql://u:p@a,b/d", .host),
    ("postgresql://u:p@[::1/d", .host), ("postgresql://u:p@[]/d", .host), ("postgresql://u:p@[::1]x/d", .host),
    ("postgresql://u:p@[zz]/d", .host), ("postgresql://u:p@h%2F/d", .host),
    ("postgresql://u:p@h:/d", .port), ("postgresql://u:p@h:0/d", .port), ("postgresql://u:p@h:65536/d", .port),
    ("postgresql://u:p@h:+80/d", .port), ("postgresql://u:p@h:99999999999999999999/d", .port),
    ("postgresql://u:p@h:80:80/d", .port),
    ("postgresql://u:p@h", .database), ("postgresql://u:p@h/", .database),
    ("postgresql://u:p@h/?sslmode=require", .database),
    ("postgresql://u:p@h/" + String(repeating: "d", count: 64), .database),
    ("postgresql://u:p@h/d?sslmode=off", .parameter), ("postgresql://u:p@h/d?host=/tmp", .parameter),
    ("postgresql://u:p@h/d?sslmode=require&options=-c", .parameter), ("postgresql://u:p@h/d?sslmode", .parameter),
  ]) func whatIsNotIsRefused(_ url: String, _ reason: InvalidPostgresURL) {
    #expect(throws: reason) { try PostgresConfiguration(url: url) }
  }

  @Test func neitherPasswordNorAddressIsEverPrinted() throws {
    let configuration = try PostgresConfiguration(url: "postgresql://ann:hunter2@db.internal:5433/users")
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped, "\([configuration])"] {
      #expect(!text.contains("hunter2") && !text.contains("internal") && !text.contains("5433"), "\(text)")
    }
    let refusal = #expect(throws: InvalidPostgresURL.self) {
      try PostgresConfiguration(url: "postgresql://ann:hunter2@db.internal:x/users")
    }
    #expect(!"\(refusal, default: "")".contains("hunter2"))
  }
}
