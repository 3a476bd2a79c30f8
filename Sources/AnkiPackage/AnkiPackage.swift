import Blocking
import JSON

/// A package of notes (`.apkg`) as Anki exports it: a ZIP archive of a SQLite database and the files that its notes show.
///
/// Both kinds are read: the older (`collection.anki2`, `collection.anki21`) and the newer, of which each file is packed with zstd
/// (`collection.anki21b`). Everything is read in memory, within ``AnkiLimits`` and a deadline; nothing becomes a path, and no SQL of
/// the package is run. Blocking.
package final class AnkiPackage {
  /// Where the collection is. A newer package has an older one beside it that says only that Anki must be updated.
  package enum Format: String, CaseIterable, Sendable {
    case latest = "collection.anki21b"
    case legacy2 = "collection.anki21"
    case legacy1 = "collection.anki2"
  }

  package let format: Format
  /// By id.
  package let noteTypes: [Int64: AnkiNoteType]
  /// In the order of their making.
  package let notes: [AnkiNote]
  private let archive: ZipArchive
  private let media: MediaMap
  private let limits: AnkiLimits
  private let allowance: Allowance

  private static let newestVersion = 3
  private static let metaBytes = 4 << 10

  /// - Parameters:
  ///   - bytes: of the file; must stay as they are for as long as the package is used.
  ///   - cancellation: raised, reading ends soon.
  package init(
    _ bytes: UnsafeRawBufferPointer, _ limits: AnkiLimits = AnkiLimits(), until deadline: ContinuousClock.Instant,
    cancellation: CancellationFlag = CancellationFlag()
  ) throws(AnkiPackageError) {
    let allowance = Allowance(bytes: limits.totalBytes, until: deadline, cancellation)
    self.limits = limits
    self.allowance = allowance
    archive = try ZipArchive(bytes, limits, allowance)
    try Self.checkVersion(archive)
    guard let format = Format.allCases.first(where: { [archive] in archive[$0.rawValue] != nil }),
      let collection = archive[format.rawValue]
    else { throw .noCollection }
    self.format = format
    let unpacker = EntryUnpacker(archive: archive, isPackedTwice: format == .latest, limits: limits)
    media = try Self.mediaMap(archive, unpacker)
    let reader = CollectionReader(
      database: try SQLiteDatabase(
        try unpacker.unpack(collection, called: "a collection", limitBytes: limits.databaseBytes),
        limits, allowance), limits: limits)
    noteTypes = try reader.noteTypes()
    notes = try reader.notes()
  }

  /// - Throws: when there is no time left.
  package func checkTime() throws(AnkiPackageError) { try allowance.check() }

  /// A file that a note shows.
  package enum File: Equatable {
    case bytes([UInt8])
    case missing
    /// Over ``AnkiLimits/fileBytes``.
    case tooLarge
  }

  /// - Parameter name: as the note has it.
  package func file(_ name: String) throws(AnkiPackageError) -> File {
    // Anki's editor writes some characters as a URL has them.
    guard let entry = (media[name] ?? name.removingPercentEncoding.flatMap { media[$0] }).flatMap({ archive[$0] })
    else { return .missing }
    let unpacker = EntryUnpacker(archive: archive, isPackedTwice: format == .latest, limits: limits)
    do throws(AnkiPackageError) {
      return .bytes(try unpacker.unpack(entry, called: "a file", limitBytes: limits.fileBytes).array)
    } catch .tooLarge(_, limitBytes: limits.fileBytes) { return .tooLarge }
  }

  private static func mediaMap(
    _ archive: ZipArchive, _ unpacker: EntryUnpacker
  ) throws(AnkiPackageError) -> MediaMap {
    guard let entry = archive["media"] else { return MediaMap() }
    let bytes = try unpacker.unpack(entry, called: "a list of files", limitBytes: unpacker.limits.mediaMapBytes).array
    return unpacker.isPackedTwice ? try MediaMap(protobuf: bytes) : try MediaMap(json: bytes)
  }

  /// Of `meta`, which the oldest packages do not have.
  private static func checkVersion(_ archive: ZipArchive) throws(AnkiPackageError) {
    guard let entry = archive["meta"] else { return }
    let unpacker = EntryUnpacker(archive: archive, isPackedTwice: false, limits: AnkiLimits())
    let bytes = try unpacker.unpack(entry, called: "a description", limitBytes: metaBytes).array
    var version = 0
    do throws(ProtobufReader.Failure) {
      var reader = ProtobufReader(bytes[...])
      while let (field, value) = try reader.next() {
        if field == 1, case .number(let number) = value { version = Int(clamping: number) }
      }
    } catch { throw .damaged("meta", error.message) }
    guard version <= newestVersion else { throw .unknownVersion(version) }
  }
}
