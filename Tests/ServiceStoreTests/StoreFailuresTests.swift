import HTTPTypes
import Postgres
import ServiceStore
import Testing

@Suite struct StoreFailuresTests {
  private static func server(_ code: String) -> PostgresError {
    .server(ServerError(sqlState: code, message: "secret", statement: "s", index: 0))
  }

  @Test(
    arguments: [
      (.overloaded(retryAfter: .milliseconds(3200)), 503, "OVERLOADED", "4"),
      (.overloaded(retryAfter: .zero), 503, "OVERLOADED", "1"),
      (.connection(.refused), 503, "DATABASE_UNAVAILABLE", "2"),
      (.connection(.rejected(sqlState: "53300")), 503, "DATABASE_UNAVAILABLE", "2"),
      (.interrupted(sqlState: "57P01"), 503, "DATABASE_UNAVAILABLE", "2"),
      (.interrupted(sqlState: nil), 503, "DATABASE_UNAVAILABLE", "2"),
      (.cancelled, 503, "DATABASE_UNAVAILABLE", "2"),
      (server("57P03"), 503, "DATABASE_UNAVAILABLE", "2"), (server("53100"), 503, "DATABASE_UNAVAILABLE", "2"),
      (.deadlineExceeded, 504, "DEADLINE_EXCEEDED", nil), (server("57014"), 504, "DEADLINE_EXCEEDED", nil),
      (server("55P03"), 503, "BUSY", "1"), (server("40001"), 503, "BUSY", "1"), (server("40P01"), 503, "BUSY", "1"),
    ] as [(PostgresError, Int, String, String?)])
  func failures(error: PostgresError, status: Int, code: String, retryAfter: String?) throws {
    let failure = try #require(StoreFailures.translate(error))
    #expect(failure.status.code == status && failure.code == code && failure.headers[.retryAfter] == retryAfter)
    #expect(!failure.message.contains("secret"))
    #expect(StoreFailures.declarations.contains { $0.status == failure.status && $0.code == failure.code })
  }

  /// Mistakes of the service, or its own affair.
  @Test(arguments: [
    server("23505"), server("42P01"), server("22001"), .invalidValue("x"), .protocolViolation("x"),
  ]) func others(error: PostgresError) {
    #expect(StoreFailures.translate(error) == nil)
  }
}
