import LoadGenerator
import Testing

/// What the names of a table's parts say.
struct PartTests {
  @Test(arguments: [
    ("202611_1_439_3", "202611_12_12_0", true),
    ("202611_1_439_3", "202611_1_439_2", true),
    ("202611_7_7_0_9", "202611_7_7_0", true),
    ("202611_1_439_3", "202611_430_440_1", false),
    ("202611_1_439_3", "202612_12_12_0", false),
    ("202611_12_12_0", "202611_1_439_3", false),
  ])
  func aMergedOrMutatedPartHoldsItsSources(_ name: String, _ other: String, _ expected: Bool) throws {
    #expect(try #require(Part(name)).holds(try #require(Part(other))) == expected)
  }

  @Test(arguments: [
    "", "_", "202611", "202611_1_2", "202611_2_1_0", "202611_a_2_0", "202611_1_2_0_3_4",
    "202611_1_99999999999999999999_0",
  ])
  func whatIsNoNameOfAPartIsNone(_ name: String) { #expect(Part(name) == nil) }
}
