import Kafka
import Testing

@Suite struct LibraryVersionTests {
  @Test(
    arguments: [
      (0x0008_0bff, "0.8.11"), (0x0109_02ff, "1.9.2"), (0x0200_02ff, "2.0.2"), (0x0202_00ff, "2.2.0"),
      // A pre-release of the oldest.
      (0x0203_00c8, "2.3.0"),
    ] as [(Int32, String)])
  func anOldOneIsRefusedWithWhatToDo(version: Int32, name: String) {
    let refusal = LibraryVersion.refusal(of: version)
    #expect(refusal?.hasPrefix("librdkafka \(name) is loaded, which is too old: run scripts/setup") == true)
    #expect(refusal?.contains("librdkafka 2.3.0 or newer in LD_LIBRARY_PATH") == true)
  }

  @Test(arguments: [0x0203_00ff, 0x0203_01ff, 0x0210_01ff, 0x0300_00ff] as [Int32])
  func anotherOneIsNot(version: Int32) {
    #expect(LibraryVersion.refusal(of: version) == nil)
  }

  /// The tests run with the library that the product runs with.
  @Test func theLoadedOneIsTaken() {
    #expect(LibraryVersion.refusal() == nil)
  }
}
