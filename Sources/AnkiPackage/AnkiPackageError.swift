/// Why a package is not read. Nothing of it names more than what the package says itself, cut short.
package enum AnkiPackageError: Error, Sendable, Equatable {
  /// Not a ZIP archive, one that breaks off, or one whose parts do not agree.
  case notAnArchive(String)
  case tooManyEntries(limit: Int)
  /// A name with a folder in it, or that no file can have.
  case unsafeName(String)
  case duplicateEntry
  case encrypted(String)
  case unknownCompression(String)
  /// Entries that share bytes of the archive.
  case overlappingEntries
  /// An entry that is longer or shorter than it says.
  case wrongSize(String)
  /// An entry that is packed tighter than anything honest.
  case suspiciousRatio(String)
  case tooLarge(String, limitBytes: Int)
  case damaged(String, String)
  case noCollection
  /// Of a version of Anki that is not known here.
  case unknownVersion(Int)
  case malformedMediaMap(String)
  case malformedCollection(String)
  case tooManyNotes(limit: Int)
  case deadlineExceeded
  case cancelled
}

extension AnkiPackageError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAnArchive(let reason): "is no Anki package, or breaks off: \(reason)"
    case .tooManyEntries(let limit): "has more than \(limit) files"
    case .unsafeName(let name): "has a file of a name that no package has: \(name)"
    case .duplicateEntry: "has two files of one name"
    case .encrypted(let name): "is encrypted: \(name)"
    case .unknownCompression(let name): "is compressed in a way that is not read here: \(name)"
    case .overlappingEntries: "has files that share their bytes"
    case .wrongSize(let name): "says a size of \(name) that is not its size"
    case .suspiciousRatio(let name): "has a file that unpacks to far more than it should: \(name)"
    case .tooLarge(let what, let limit): "has \(what) of more than \(limit) bytes"
    case .damaged(let name, let reason): "has a damaged file \(name): \(reason)"
    case .noCollection: "has no collection: neither collection.anki2 nor collection.anki21 nor collection.anki21b"
    case .unknownVersion(let version):
      "is of version \(version), newer than is read here: export it with “support older Anki versions”"
    case .malformedMediaMap(let reason): "has a list of files that cannot be read: \(reason)"
    case .malformedCollection(let reason): "has a collection that cannot be read: \(reason)"
    case .tooManyNotes(let limit): "has more than the \(limit) notes that a deck has room for"
    case .deadlineExceeded: "takes too long to read"
    case .cancelled: "was withdrawn"
    }
  }
}
