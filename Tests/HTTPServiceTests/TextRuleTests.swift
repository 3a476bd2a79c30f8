import HTTPService
import JSON
import Testing

@Suite struct TextRuleTests {
  private func holds(_ rule: TextRule, _ text: String) -> Bool {
    var problems = Problems()
    ValueSchema.text(TextSchema(rule: rule)).check(.string(text), &problems)
    return problems.isEmpty
  }

  @Test(arguments: [
    ("anna@example.org", true), ("a.b+c'd!#$%&*/=?^_`{|}~-@x-1.example.co", true), ("1@2.3", true), ("a@b", false),
    ("", false), ("@example.org", false), ("anna@", false), ("a@b@example.org", false), ("a b@example.org", false),
    (".a@example.org", false), ("a.@example.org", false), ("a..b@example.org", false), ("a@.org", false),
    ("a@example..org", false), ("a@-x.org", false), ("a@x-.org", false), ("a@ex_ample.org", false),
    ("ä@example.org", false),
    ("a@exämple.org", false), ("a@example.org\n", false), ("a@example.org\u{0}", false), ("\"a\"@example.org", false),
    (String(repeating: "a", count: 64) + "@example.org", true),
    (String(repeating: "a", count: 65) + "@example.org", false),
    ("a@" + String(repeating: "a", count: 64) + ".org", false),
  ]) func email(text: String, isOne: Bool) { #expect(holds(.email, text) == isOne) }

  @Test(arguments: [
    ("2026-11-01T00:00:00.000Z", true), ("2026-11-01T00:00:00Z", false), ("2026-11-01 00:00:00.000Z", false),
    ("2026-11-31T00:00:00.000Z", false), ("2026-11-01T24:00:00.000Z", false), ("2026-11-01T00:00:00.000+00:00", false),
  ]) func moment(text: String, isOne: Bool) { #expect(holds(.moment, text) == isOne) }

  @Test func others() {
    #expect(holds(.date, "2024-02-29") && !holds(.date, "2025-02-29") && !holds(.date, "2025-2-9"))
    #expect(holds(.timeZone, "Europe/Moscow") && !holds(.timeZone, "Moscow") && !holds(.timeZone, "+03:00"))
    #expect(holds(.uuid, "4bf92f35-77b3-4da6-a3ce-929d0e0e4736") && !holds(.uuid, "4bf92f35"))
    #expect(holds(.notBlank, " a ") && !holds(.notBlank, " \t\u{A0}\u{FEFF}"))
  }
}
