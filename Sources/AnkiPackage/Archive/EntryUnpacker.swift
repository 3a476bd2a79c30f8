import JSON

/// Unpacks entries of an archive whole, each within a bound.
struct EntryUnpacker {
  let archive: ZipArchive
  /// Whether each entry is a file of zstd.
  let isPackedTwice: Bool
  let limits: AnkiLimits

  /// - Parameter what: as an error calls it.
  func unpack(
    _ entry: ZipArchive.Entry, called what: String, limitBytes: Int
  ) throws(AnkiPackageError) -> UnpackedBytes {
    guard entry.unpackedBytes <= limitBytes else { throw .tooLarge(what, limitBytes: limitBytes) }
    let unpacked = UnpackedBytes()
    guard isPackedTwice else {
      try archive.unpack(entry) { piece in unpacked.append(piece) }
      return unpacked
    }
    let name = ForeignText.shown(entry.name)
    let stream = ZstdStream(name)
    try archive.unpack(entry) { piece throws(AnkiPackageError) in
      try stream.feed(piece) { piece throws(AnkiPackageError) in
        guard unpacked.count + piece.count <= limitBytes else { throw .tooLarge(what, limitBytes: limitBytes) }
        try archive.checkRatio(name, packed: entry.unpackedBytes, unpacked: unpacked.count + piece.count)
        try archive.count(piece.count)
        unpacked.append(piece)
      }
    }
    try stream.finish()
    return unpacked
  }
}
