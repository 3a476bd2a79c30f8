import Foundation
import Testing

@Suite struct HouseServiceMigrationTests {
  /// The room that sends what is in these tables knows one form of them.
  @Test func everyServiceHasTheSameOutbox() throws {
    let files = try Repository.files(under: "postgres").filter { $0.path.hasSuffix("_outbox.sql") }
    #expect(files.map(\.path) == ["decks", "teaching", "users"].map { "postgres/\($0)/0001_outbox.sql" })
    for (path, text) in files { #expect(text == files[0].text, "\(path) differs from \(files[0].path)") }
  }
}
