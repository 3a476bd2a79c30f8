import Foundation

/// Deduplication tokens that a ClickHouse which was killed has noted of parts that it did not come to put in place.
///
/// MergeTree writes a part's token into `deduplication_logs` before it renames the part, so a kill between the two leaves the token
/// alone: the repeated INSERT is then taken for a double, in that one table. docs/delivery.md tells what remains of it.
package struct TokensWithoutParts: CustomStringConvertible {
  /// `TABLE'S FOLDER/PART`.
  package private(set) var found: Set<String> = []

  package init() {}

  package var description: String { found.sorted().joined(separator: ", ") }

  /// Looks through the data of a server that is not running.
  package mutating func look(at profile: ServerProfile) throws {
    let data = Kartoteka.root.appending(path: ".platform/\(profile.name)/data/clickhouse")
    guard let files = FileManager.default.enumerator(at: data, includingPropertiesForKeys: nil) else { return }
    for case let folder as URL in files where folder.lastPathComponent == "deduplication_logs" {
      try look(atTable: folder.deletingLastPathComponent(), tokens: folder)
    }
  }

  private mutating func look(atTable table: URL, tokens: URL) throws {
    var noted: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: tokens.path).sorted() {
      let lines = try String(contentsOf: tokens.appending(path: name), encoding: .utf8).split(separator: "\n")
      for fields in lines.map({ $0.split(separator: "\t") }) where fields.count == 3 {
        // 1: the part came, 2: it was dropped.
        if fields[0] == "1" { noted.insert(String(fields[1])) } else { noted.remove(String(fields[1])) }
      }
    }
    let parts = try FileManager.default.contentsOfDirectory(atPath: table.path).compactMap(Part.init)
    for name in noted {
      guard let part = Part(name), !parts.contains(where: { $0.covers(part) }) else { continue }
      found.insert("\(table.lastPathComponent)/\(name)")
    }
  }

  /// `PARTITION_FIRSTBLOCK_LASTBLOCK_LEVEL`, as a folder is called.
  private struct Part {
    let partition: Substring
    let blocks: ClosedRange<Int>

    init?(_ name: String) {
      let fields = name.split(separator: "_")
      guard fields.count == 4, let first = Int(fields[1]), let last = Int(fields[2]), first <= last else { return nil }
      partition = fields[0]
      blocks = first...last
    }

    func covers(_ other: Part) -> Bool {
      partition == other.partition && blocks.lowerBound <= other.blocks.lowerBound
        && blocks.upperBound >= other.blocks.upperBound
    }
  }
}
