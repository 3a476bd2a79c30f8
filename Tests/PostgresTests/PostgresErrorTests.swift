import Postgres
import Testing

@Suite struct PostgresErrorTests {
  private func refusal(_ code: String, constraint: String? = nil) -> PostgresError {
    .server(
      ServerError(
        sqlState: code, message: "words about \"secret@example.com\"", constraint: constraint,
        statement: "users.insert",
        index: 2))
  }

  @Test func aDataExceptionDoesNotQuoteTheData() {
    #expect("\(refusal("22P02"))" == "Postgres error 22P02 in users.insert")
    #expect("\(refusal("42601"))".hasSuffix(": words about \"secret@example.com\""))
    #expect(
      "\(refusal("23505", constraint: "users_email_key"))".hasPrefix(
        "Postgres error 23505 in users.insert (users_email_key): "))
  }

  @Test func whatMayPassByItselfIsToldFromWhatDoesNot() {
    for code in ["53300", "57P01", "57014", "40001", "40P01", "55P03"] {
      #expect(refusal(code).isUnavailable, "\(code)")
    }
    for code in ["23505", "22P02", "42601", "55000"] { #expect(!refusal(code).isUnavailable, "\(code)") }
    #expect(PostgresError.connection(.refused).isUnavailable && !PostgresError.connection(.refused).isOutcomeUnknown)
    #expect(PostgresError.interrupted(sqlState: nil).isOutcomeUnknown)
    #expect(!PostgresError.invalidValue("x").isUnavailable)
    #expect(refusal("23505", constraint: "c").constraint == "c" && refusal("23505").isUniqueViolation)
    #expect(PostgresError.connection(.rejected(sqlState: "53300")).sqlState == "53300")
  }
}
