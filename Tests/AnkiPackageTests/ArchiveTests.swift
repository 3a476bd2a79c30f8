import AnkiMaking
import AnkiPackage
import Blocking
import Testing

/// Archives as nobody's Anki makes them.
@Suite struct ArchiveTests {
  private let maker = AnkiMaker()

  private func zip(_ change: (inout ZipMaker) -> Void) -> [UInt8] {
    var zip = maker.legacy()
    change(&zip)
    return zip.bytes
  }

  @Test func whatIsNoArchiveIsNone() {
    #expect(Reading.refusal([]) == .noCollection)
    for bytes in [[0x50, 0x4B], Array("no archive at all".utf8), [UInt8](repeating: 0, count: 100_000)] {
      guard case .notAnArchive? = Reading.refusal(bytes) else {
        Issue.record("\(bytes.prefix(10))")
        continue
      }
    }
    let no = ZipMaker([.init("readme", [1])]).bytes
    #expect(Reading.refusal(no) == .noCollection)
  }

  /// Wherever it breaks off.
  @Test func truncatedArchivesAreRefused() {
    for bytes in [maker.legacy().bytes, maker.latest.bytes] {
      for count in stride(from: 0, to: bytes.count, by: 97) {
        #expect(Reading.refusal(Array(bytes.prefix(count))) != nil, "\(count) of \(bytes.count)")
      }
    }
  }

  /// Whatever byte is wrong, it is read or refused; nothing else happens.
  @Test func damagedArchivesAreReadOrRefused() {
    for bytes in [maker.legacy().bytes, maker.latest.bytes] {
      for place in stride(from: 0, to: bytes.count, by: 41) {
        var damaged = bytes
        damaged[place] ^= 0xFF
        do { _ = try Reading(damaged) } catch { #expect(error is AnkiPackageError, "\(error)") }
      }
    }
  }

  @Test(arguments: [
    "../../etc/passwd", "/etc/passwd", "a/b", "..\\..\\x", "C:\\x", "..", ".hidden", "media/", "a\u{7}b",
    String(repeating: "n", count: 256),
  ])
  func namesOfPathsAreRefused(_ name: String) {
    // libzip itself knows no names with such characters.
    let refusal = Reading.refusal(zip { $0.add(name, [1]) })
    switch refusal {
    case .unsafeName: break
    case .notAnArchive where name.contains("\u{7}"): break
    default: Issue.record("as an entry: \(name): \(String(describing: refusal))")
    }
    var maker = maker
    maker.files = [(name.replacing("\\", with: "\\\\").replacing("\u{7}", with: "\\u0007"), [1])]
    guard case .unsafeName? = Reading.refusal(maker.legacy().bytes) else {
      Issue.record("in the list of files: \(name)")
      return
    }
  }

  @Test func namesThatAreNoTextAreRefused() {
    let bytes = zip { zip in
      var entry = ZipMaker.Entry("x", [1])
      entry.name = [0xFF, 0xFE]
      zip.entries.append(entry)
    }
    #expect(Reading.refusal(bytes) != nil)
  }

  @Test func duplicateEntriesAreRefused() {
    #expect(Reading.refusal(zip { $0.add("media", Array("{}".utf8)) }) == .duplicateEntry)
    #expect(Reading.refusal(zip { $0.entries.append($0.entries[1]) }) == .duplicateEntry)
  }

  @Test func encryptedEntriesAreRefused() {
    #expect(Reading.refusal(zip { $0.entries[1].flags |= 1 }) == .encrypted("collection.anki21"))
    // Also one that is not needed.
    #expect(
      Reading.refusal(
        zip {
          $0.add("9", [1, 2, 3])
          $0.entries[$0.entries.count - 1].flags |= 1
        }) == .encrypted("9"))
  }

  @Test func unknownCompressionIsRefused() {
    #expect(Reading.refusal(zip { $0.entries[1].method = 14 }) == .unknownCompression("collection.anki21"))
  }

  @Test func sizesThatLieAreRefused() {
    let size = UInt32(maker.legacyCollection.count)
    for lie in [size - 1, size + 1, size / 2, size * 2, 1, 0] {
      #expect(Reading.refusal(zip { $0.entries[1].size = lie }) != nil, "\(lie) for \(size)")
      #expect(Reading.refusal(zip { $0.entries[1].localSize = lie }) != nil, "before the bytes: \(lie)")
    }
    #expect(Reading.refusal(zip { $0.entries[1].crc ^= 1 }) != nil)
    #expect(Reading.refusal(zip { $0.entries[1].packed.removeLast(20) }) != nil)
    #expect(Reading.refusal(zip { $0.count = 1 }) != nil)
    #expect(Reading.refusal(zip { $0.count = 60_000 }) != nil)
  }

  /// A gigabyte that a megabyte says.
  @Test func aBombIsNotUnpacked() {
    let bomb = ZipMaker.deflated([UInt8](repeating: 0, count: 48 << 20))
    var entry = ZipMaker.Entry("collection.anki2", [])
    (entry.packed, entry.method, entry.size) = (bomb, 8, 48 << 20)
    #expect(Reading.refusal(ZipMaker([entry]).bytes) == .suspiciousRatio("collection.anki2"))
    // Said to be small, it is unpacked until it is larger than that.
    entry.size = 1 << 20
    guard case .wrongSize? = Reading.refusal(ZipMaker([entry]).bytes) else {
      guard case .damaged? = Reading.refusal(ZipMaker([entry]).bytes) else {
        Issue.record("\(String(describing: Reading.refusal(ZipMaker([entry]).bytes)))")
        return
      }
      return
    }
    entry.size = 3 << 30
    #expect(Reading.refusal(ZipMaker([entry]).bytes) == .suspiciousRatio("collection.anki2"))
  }

  /// Entries that share one body (Fifield's bomb, in its simplest form).
  @Test func overlappingEntriesAreRefused() {
    let shared = [UInt8](repeating: 7, count: 4096)
    let bytes = zip { zip in
      let offset = UInt32(ZipMaker(zip.entries).bodyBytes)
      zip.add("0", shared)
      for number in 1..<40 {
        var entry = ZipMaker.Entry("\(number)", shared)
        entry.offset = offset
        zip.entries.append(entry)
      }
    }
    let refusal = Reading.refusal(bytes)
    switch refusal {
    case .overlappingEntries, .notAnArchive: break
    default: Issue.record("\(String(describing: refusal))")
    }
  }

  /// An archive within the archive is bytes like others: nothing is unpacked twice.
  @Test func nestedArchivesStayPacked() throws {
    var maker = maker
    let inner = ZipMaker([.init("collection.anki2", [UInt8](repeating: 0, count: 8 << 20), deflated: true)]).bytes
    maker.files = [("inner.apkg", inner)]
    #expect(try Reading(maker.legacy().bytes, files: ["inner.apkg"]).files["inner.apkg"] == .bytes(inner))
  }

  @Test func boundsHold() throws {
    var limits = AnkiLimits()
    limits.entries = 3
    #expect(Reading.refusal(maker.legacy().bytes, limits) == nil)
    #expect(Reading.refusal(zip { $0.add("0", [1]) }, limits) == .tooManyEntries(limit: 3))
    limits = AnkiLimits()
    limits.databaseBytes = 8192
    #expect(Reading.refusal(maker.legacy().bytes, limits) == .tooLarge("a collection", limitBytes: 8192))
    #expect(Reading.refusal(maker.latest.bytes, limits) == .tooLarge("a collection", limitBytes: 8192))
    limits = AnkiLimits()
    limits.totalBytes = 8192
    #expect(Reading.refusal(maker.legacy().bytes, limits) == .tooLarge("files", limitBytes: 8192))
    #expect(Reading.refusal(maker.latest.bytes, limits) == .tooLarge("files", limitBytes: 8192))
    limits = AnkiLimits()
    limits.fileBytes = 10
    var maker = maker
    maker.files = [("large", [UInt8](repeating: 1, count: 11)), ("small", [UInt8](repeating: 1, count: 10))]
    for bytes in [maker.legacy().bytes, maker.latest.bytes] {
      let files = try Reading(bytes, limits, files: ["large", "small"]).files
      #expect(files["large"] == .tooLarge)
      // Packed again it is larger than it is.
      #expect(files["small"] == .bytes([UInt8](repeating: 1, count: 10)) || bytes == maker.latest.bytes)
    }
    limits = AnkiLimits()
    limits.notes = 1
    #expect(
      Reading.refusal(AnkiMaker([.init("a", "b"), .init("c", "d")]).legacy().bytes, limits) == .tooManyNotes(limit: 1))
  }

  @Test func timeIsBounded() {
    let bytes = maker.legacy().bytes
    #expect(throws: AnkiPackageError.deadlineExceeded) { _ = try Reading(bytes, until: .now - .seconds(1)) }
    let cancelled = CancellationFlag()
    cancelled.raise()
    #expect(throws: AnkiPackageError.cancelled) { _ = try Reading(bytes, cancellation: cancelled) }
  }

  @Test func formatsAndVersions() throws {
    #expect(try Reading(maker.legacy(collection: "collection.anki2").bytes).format == .legacy1)
    #expect(try Reading(maker.legacy().bytes).format == .legacy2)
    #expect(try Reading(maker.latest.bytes).format == .latest)
    for bytes in [maker.legacy().bytes, maker.latest.bytes] {
      #expect(try Reading(bytes).words == [["front", "back"]])
      #expect(try Reading(bytes).noteTypes.values.map(\.name).sorted() == ["Basic", "Cloze", "Three"])
    }
    let later = ZipMaker([.init("meta", [8, 4]), .init("collection.anki22", [1])]).bytes
    #expect(Reading.refusal(later) == .unknownVersion(4))
  }
}
