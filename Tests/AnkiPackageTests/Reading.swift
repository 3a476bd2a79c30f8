import AnkiMaking
import AnkiPackage
import Blocking
import Foundation

/// What a package gave, off its bytes.
struct Reading: Sendable {
  let format: AnkiPackage.Format
  let notes: [AnkiNote]
  let noteTypes: [Int64: AnkiNoteType]
  var files: [String: AnkiPackage.File] = [:]

  /// - Parameter files: to be read besides.
  init(
    _ bytes: [UInt8], _ limits: AnkiLimits = AnkiLimits(), files names: [String] = [],
    until deadline: ContinuousClock.Instant = .now + .seconds(30), cancellation: CancellationFlag = CancellationFlag()
  ) throws {
    self = try bytes.withUnsafeBytes { bytes in
      let package = try AnkiPackage(bytes, limits, until: deadline, cancellation: cancellation)
      var reading = Reading(package)
      for name in names { reading.files[name] = try package.file(name) }
      return reading
    }
  }

  private init(_ package: AnkiPackage) {
    (format, notes, noteTypes) = (package.format, package.notes, package.noteTypes)
  }

  /// Why a package is refused; nil if it is not.
  static func refusal(_ bytes: [UInt8], _ limits: AnkiLimits = AnkiLimits(), files: [String] = []) -> AnkiPackageError?
  {
    do { _ = try Reading(bytes, limits, files: files) } catch { return error as? AnkiPackageError }
    return nil
  }

  var words: [[String]] { notes.map { note in [note.front, note.back].map { $0.words { "{\($0)}" } } } }

  /// A package that Anki itself has exported.
  static func real(_ name: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: folder.appending(path: "Support/AnkiMaking/Real/\(name).apkg")))
  }
}
