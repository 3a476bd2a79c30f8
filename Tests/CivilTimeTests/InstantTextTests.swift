import CivilTime
import Testing

@Suite struct InstantTextTests {
  @Test(arguments: [
    ("2026-11-01T08:00:00Z", 1_793_520_000_000), ("2026-11-01T08:00:00.123456789Z", 1_793_520_000_123),
    ("2026-11-01t11:00:00.5+03:00", 1_793_520_000_500), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
    ("2016-12-31T23:59:60Z", 1_483_228_800_000),
  ])
  func timesAreReadInEveryForm(_ text: String, _ milliseconds: Int) {
    #expect(Instant(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "2026-11-01", "2026-13-01T08:00:00Z", "2026-02-29T08:00:00Z", "2026-11-01T24:00:00Z", "2026-11-01T08:00:00.Z",
    "2026-11-01T08:00:00+3", "2026-11-01T08:00:00Zx", "２０２６-11-01T08:00:00Z", "2016-12-30T23:59:60Z",
  ])
  func whatIsNoneIsNone(_ text: String) { #expect(Instant(rfc3339: text) == nil) }
}
