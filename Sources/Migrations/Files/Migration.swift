import Digests
import Foundation

/// A numbered file of SQL, `0001_events.sql`.
package struct Migration: Sendable, Equatable {
  package let version: Int
  /// The file's name.
  package let file: String
  package let statements: [Statement]
  /// SHA-256 of the whole file, in hexadecimal.
  package let checksum: String

  package init(file: String, source: [UInt8], dialect: Dialect = .clickHouse) throws(MigrationError) {
    guard let version = Self.version(of: file) else {
      throw .file(
        file, "is not named like a migration: four digits, an underscore, lower-case words, as in 0001_events.sql")
    }
    self.version = version
    self.file = file
    checksum = Digest.sha256.hexadecimal(of: source)
    guard String(validating: source, as: UTF8.self) != nil else { throw .file(file, "is not UTF-8") }
    do throws(ScriptError) {
      statements = try Script(source, dialect).statements
    } catch {
      throw .file(file, "line \(error.line): \(error.reason)")
    }
    guard !statements.isEmpty else { throw .file(file, "holds no statement") }
  }

  private static func version(of file: String) -> Int? {
    let bytes = Array(file.utf8)
    guard bytes.count > 9, bytes[..<4].allSatisfy(\.isDigit), bytes[4] == UInt8(ascii: "_"), file.hasSuffix(".sql"),
      bytes[5..<(bytes.count - 4)].allSatisfy({
        $0.isDigit || $0 == UInt8(ascii: "_") || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z"))
      })
    else { return nil }
    return Int(file.prefix(4))
  }

  /// The migrations of a folder, by number from 1 without gaps. Other files than `*.sql`, and folders, are passed over.
  package static func load(folder: String, dialect: Dialect = .clickHouse) throws(MigrationError) -> [Migration] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      let remedy = dialect == .clickHouse ? "; name another with --directory or KARTOTEKA_MIGRATIONS" : ""
      throw .folder(folder, "cannot be read\(remedy)")
    }
    var sources: [(String, [UInt8])] = []
    for name in names.sorted() where name.hasSuffix(".sql") {
      guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
        throw .file(name, "cannot be read")
      }
      sources.append((name, Array(data)))
    }
    guard !sources.isEmpty else { throw .folder(folder, "holds no migration, no file like 0001_events.sql") }
    return try ordered(sources, dialect: dialect)
  }

  /// Files by number; throws if a number is missing or there twice.
  package static func ordered(
    _ sources: [(file: String, source: [UInt8])], dialect: Dialect = .clickHouse
  ) throws(MigrationError) -> [Migration] {
    var migrations: [Migration] = []
    for (file, source) in sources { migrations.append(try Migration(file: file, source: source, dialect: dialect)) }
    migrations.sort { ($0.version, $0.file) < ($1.version, $1.file) }
    for (index, migration) in migrations.enumerated() {
      if index > 0, migrations[index - 1].version == migration.version {
        throw .file(migration.file, "has the same number as \(migrations[index - 1].file)")
      }
      guard migration.version == index + 1 else {
        throw .file(migration.file, "has number \(migration.version), but there is no number \(index + 1)")
      }
    }
    return migrations
  }
}
