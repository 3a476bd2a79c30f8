import CLibZip
import JSON

/// A ZIP archive in memory, by libzip. All names and sizes are looked at before anything is unpacked, and what comes out is
/// counted, whatever the sizes say.
final class ZipArchive {
  struct Entry {
    let index: UInt64
    let name: String
    let packedBytes: Int
    let unpackedBytes: Int
  }

  private static let pieceBytes = 64 << 10
  private static let openedFlags = ZIP_RDONLY | ZIP_CHECKCONS
  private static let centralHeader: [UInt8] = [0x50, 0x4B, 0x01, 0x02]

  private let handle: OpaquePointer
  private let piece: UnsafeMutableRawBufferPointer
  private let allowance: Allowance
  private let limits: AnkiLimits
  private var entries: [String: Entry] = [:]

  /// - Parameter bytes: must stay as they are for as long as the archive is used.
  init(_ bytes: UnsafeRawBufferPointer, _ limits: AnkiLimits, _ allowance: Allowance) throws(AnkiPackageError) {
    // libzip makes an object of every header before it can be asked how many there are.
    guard Self.headers(in: bytes) <= limits.entries else { throw .tooManyEntries(limit: limits.entries) }
    handle = try Self.open(bytes)
    piece = .allocate(byteCount: Self.pieceBytes, alignment: 16)
    self.allowance = allowance
    self.limits = limits
    try readEntries(archiveBytes: bytes.count)
  }

  deinit {
    zip_discard(handle)
    piece.deallocate()
  }

  subscript(_ name: String) -> Entry? { entries[name] }

  /// Unpacks an entry, a piece at a time.
  func unpack(
    _ entry: Entry, _ take: (UnsafeRawBufferPointer) throws(AnkiPackageError) -> Void
  ) throws(AnkiPackageError) {
    guard let file = zip_fopen_index(handle, entry.index, 0) else {
      throw .damaged(ForeignText.shown(entry.name), String(cString: zip_error_strerror(zip_get_error(handle))))
    }
    defer { zip_fclose(file) }
    var count = 0
    while true {
      let got = Int(zip_fread(file, piece.baseAddress!, UInt64(piece.count)))
      guard got >= 0 else {
        throw .damaged(ForeignText.shown(entry.name), String(cString: zip_error_strerror(zip_file_get_error(file))))
      }
      if got == 0 { break }
      count += got
      guard count <= entry.unpackedBytes else { throw .wrongSize(ForeignText.shown(entry.name)) }
      try allowance.take(got)
      try take(UnsafeRawBufferPointer(rebasing: piece[..<got]))
    }
    guard count == entry.unpackedBytes else { throw .wrongSize(ForeignText.shown(entry.name)) }
  }

  private static func open(_ bytes: UnsafeRawBufferPointer) throws(AnkiPackageError) -> OpaquePointer {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = zip_source_buffer_create(bytes.baseAddress, UInt64(bytes.count), 0, &error) else {
      throw .notAnArchive(String(cString: zip_error_strerror(&error)))
    }
    guard let handle = zip_open_from_source(source, openedFlags, &error) else {
      zip_source_free(source)
      if zip_error_code_zip(&error) == ZIP_ER_EXISTS { throw .duplicateEntry }
      throw .notAnArchive(String(cString: zip_error_strerror(&error)))
    }
    return handle
  }

  private static func headers(in bytes: UnsafeRawBufferPointer) -> Int {
    var (count, position) = (0, 0)
    while position + centralHeader.count <= bytes.count {
      if bytes[position] == centralHeader[0],
        bytes[position..<position + centralHeader.count].elementsEqual(centralHeader)
      {
        count += 1
        position += centralHeader.count
      } else {
        position += 1
      }
    }
    return count
  }

  private func readEntries(archiveBytes: Int) throws(AnkiPackageError) {
    let count = zip_get_num_entries(handle, 0)
    guard count <= limits.entries else { throw .tooManyEntries(limit: limits.entries) }
    var packed = 0
    for index in 0..<UInt64(max(0, count)) {
      let entry = try entry(index)
      packed += entry.packedBytes
      // Whose bytes are those of others too takes more than there are.
      guard packed <= archiveBytes else { throw .overlappingEntries }
      guard entries.updateValue(entry, forKey: entry.name) == nil else { throw .duplicateEntry }
    }
  }

  private func entry(_ index: UInt64) throws(AnkiPackageError) -> Entry {
    var stat = zip_stat_t()
    zip_stat_init(&stat)
    guard zip_stat_index(handle, index, zip_flags_t(ZIP_FL_ENC_RAW), &stat) == 0, let raw = stat.name else {
      throw .notAnArchive("an entry without a name")
    }
    guard let name = String(validatingCString: raw), Self.isSafe(name) else {
      throw .unsafeName(ForeignText.shown(String(cString: raw)))
    }
    let shown = ForeignText.shown(name)
    guard stat.encryption_method == UInt16(ZIP_EM_NONE) else { throw .encrypted(shown) }
    guard [UInt16(ZIP_CM_STORE), UInt16(ZIP_CM_DEFLATE)].contains(stat.comp_method) else {
      throw .unknownCompression(shown)
    }
    guard let packed = Int(exactly: stat.comp_size), let unpacked = Int(exactly: stat.size) else {
      throw .wrongSize(shown)
    }
    try checkRatio(shown, packed: packed, unpacked: unpacked)
    return Entry(index: index, name: name, packedBytes: packed, unpackedBytes: unpacked)
  }

  /// Counts what is unpacked of an entry a second time.
  func count(_ bytes: Int) throws(AnkiPackageError) { try allowance.take(bytes) }

  func checkRatio(_ name: String, packed: Int, unpacked: Int) throws(AnkiPackageError) {
    guard unpacked > limits.ratioFromBytes else { return }
    guard packed > 0, unpacked / packed <= limits.ratio else { throw .suspiciousRatio(name) }
  }

  /// A package has no folders: whatever looks like one is no package, and must not become a path anywhere.
  static func isSafe(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && name.utf8.count <= 255
      && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "/" && $0 != "\\" && $0 != ":" && $0.value != 0x7F }
  }
}
