import Kafka
import Testing

@Suite struct HouseRdKafkaVersionTests {
  /// What the program refuses, setup replaces, and the page says.
  @Test func theOldestIsTheSameEverywhere() throws {
    let oldest = (LibraryVersion.oldest >> 24 & 0xff, LibraryVersion.oldest >> 16 & 0xff)
    #expect(try Repository.text("scripts/platform_tools/wheels.py").contains("MINIMUM_RDKAFKA = \(oldest)\n"))
    let words = "librdkafka \(oldest.0).\(oldest.1) or newer"
    #expect(try Repository.text("docs/deployment.md").contains(words))
  }
}
