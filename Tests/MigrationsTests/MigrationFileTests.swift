import Foundation
import Migrations
import Testing

/// Names, numbers and contents of the files.
@Suite struct MigrationFileTests {
  private let source = Array("SELECT 1".utf8)

  private func reason(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return "\(error)" }
  }

  @Test(arguments: [
    "1_a.sql", "001_a.sql", "00001_a.sql", "0001a.sql", "0001_.sql", "0001_A.sql", "0001_a b.sql", "0001-a.sql",
    "a.sql",
    "0001_é.sql", "٠٠٠١_a.sql",
  ]) func aBadNameIsRefused(_ name: String) {
    #expect(reason { _ = try Migration(file: name, source: source) }?.hasPrefix("\(name) is not named like") == true)
  }

  @Test func filesAreOrderedByNumber() throws {
    let files = try Migration.ordered([("0002_b.sql", source), ("0001_a.sql", source)])
    #expect(files.map(\.file) == ["0001_a.sql", "0002_b.sql"])
    #expect(files.map(\.version) == [1, 2])
  }

  @Test func gapsAndDoublesAreRefused() {
    #expect(
      reason { _ = try Migration.ordered([("0001_a.sql", source), ("0003_c.sql", source)]) }
        == "0003_c.sql has number 3, but there is no number 2")
    #expect(
      reason { _ = try Migration.ordered([("0001_a.sql", source), ("0001_b.sql", source)]) }
        == "0001_b.sql has the same number as 0001_a.sql")
    #expect(reason { _ = try Migration.ordered([("0000_a.sql", source)]) } != nil)
  }

  @Test func contentsAreChecked() {
    #expect(
      reason { _ = try Migration(file: "0001_a.sql", source: Array("-- nothing".utf8)) }
        == "0001_a.sql holds no statement")
    #expect(reason { _ = try Migration(file: "0001_a.sql", source: [0xff, 0x31]) } == "0001_a.sql is not UTF-8")
    #expect(
      reason { _ = try Migration(file: "0001_a.sql", source: Array("SELECT 1;\n\nSELECT 'x".utf8)) }
        == "0001_a.sql line 3: a string is opened here and never closed")
  }

  @Test func aFolderWithoutMigrationsIsNamed() throws {
    #expect(reason { _ = try Migration.load(folder: "/nowhere/at-all") }?.contains("/nowhere/at-all") == true)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(reason { _ = try Migration.load(folder: folder.path) }?.contains("holds no migration") == true)
  }

  @Test func theProductsOwnFilesAreWellFormed() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let files = try Migration.load(folder: root.appending(path: "clickhouse").path)
    #expect(!files.isEmpty)
    // A statement whose outcome is unknown is run again, so each has to bear that.
    for file in files {
      for statement in file.statements {
        let text = statement.text.uppercased()
        #expect(
          text.contains("IF NOT EXISTS") || text.contains("OR REPLACE") || text.contains("IF EXISTS")
            || text.contains("MODIFY") || text.contains("MATERIALIZE INDEX") || text.hasPrefix("SELECT THROWIF("),
          "\(file.file), line \(statement.line) cannot be repeated")
      }
    }
  }
}
