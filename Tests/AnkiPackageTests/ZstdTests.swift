import AnkiMaking
import AnkiPackage
import Testing

/// What the newer packages add: zstd and Protocol Buffers.
@Suite struct ZstdTests {
  private func package(collection: [UInt8]? = nil, media: [UInt8]? = nil, meta: [UInt8] = [8, 3]) -> [UInt8] {
    var zip = AnkiMaker().latest
    zip.entries[0] = .init("meta", meta)
    if let collection { zip.entries[1] = .init("collection.anki21b", collection) }
    if let media { zip.entries[2] = .init("media", media) }
    return zip.bytes
  }

  @Test func aBombOfZstdIsNotUnpacked() {
    let bomb = ZstdMaker.packed([UInt8](repeating: 0, count: 60 << 20))
    #expect(Reading.refusal(package(collection: bomb)) == .suspiciousRatio("collection.anki21b"))
    // Below the ratio it is still bounded.
    var limits = AnkiLimits()
    limits.ratio = 1 << 30
    limits.databaseBytes = 1 << 20
    #expect(Reading.refusal(package(collection: bomb), limits) == .tooLarge("a collection", limitBytes: 1 << 20))
    #expect(Reading.refusal(package(media: bomb)) != nil)
    // Many frames, each small.
    let frame = ZstdMaker.packed([UInt8](repeating: 0, count: 100_000))
    let many = [[UInt8]](repeating: frame, count: 2000).flatMap(\.self)
    #expect(Reading.refusal(package(collection: many)) != nil)
  }

  /// A frame may ask for a window of two gigabytes.
  @Test func aLargeWindowIsRefused() {
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x01, 0x00, 0x00]
    guard case .damaged("collection.anki21b", _)? = Reading.refusal(package(collection: frame)) else {
      Issue.record("it is taken")
      return
    }
  }

  @Test func brokenFramesAreRefused() {
    let whole = ZstdMaker.packed(AnkiMaker().latestCollection)
    #expect(Reading.refusal(package(collection: whole)) == nil)
    for count in stride(from: 0, to: whole.count, by: 53) {
      #expect(Reading.refusal(package(collection: Array(whole.prefix(count)))) != nil, "\(count)")
    }
    #expect(Reading.refusal(package(collection: Array("no frame".utf8))) != nil)
    #expect(Reading.refusal(package(collection: AnkiMaker().latestCollection)) != nil)
  }

  @Test(
    arguments: [
      [0x0A], [0x0A, 0x05, 0x0A], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x0A, 0x03, 0x0A, 0x7F, 0x41], [0x0B], [0x00],
      [0x0A, 0x03, 0x0A, 0x01, 0xFF], [UInt8](repeating: 0xFF, count: 11), [0x0D, 0x01], [0x09, 0x01, 0x02],
    ] as [[UInt8]])
  func brokenProtobufIsRefused(_ message: [UInt8]) {
    guard case .malformedMediaMap? = Reading.refusal(package(media: ZstdMaker.packed(message))) else {
      Issue.record("it is taken: \(String(describing: Reading.refusal(package(media: ZstdMaker.packed(message)))))")
      return
    }
  }

  @Test func brokenDescriptionsAreRefused() {
    guard case .damaged("meta", _)? = Reading.refusal(package(meta: [0xFF])) else {
      Issue.record("it is taken")
      return
    }
    #expect(Reading.refusal(package(meta: [8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1])) != nil)
    guard case .tooLarge? = Reading.refusal(package(meta: [UInt8](repeating: 0, count: 5000))) else {
      Issue.record("it is taken")
      return
    }
  }

  @Test func theListOfFilesInBothForms() throws {
    var maker = AnkiMaker()
    maker.files = [("a.png", [1, 2]), ("b b.png", [3]), ("й.png", [4])]
    for bytes in [maker.legacy().bytes, maker.latest.bytes] {
      let files = try Reading(bytes, files: ["a.png", "b%20b.png", "b b.png", "\u{0438}\u{0306}.png", "c"]).files
      #expect(files["a.png"] == .bytes([1, 2]) && files["b%20b.png"] == .bytes([3]) && files["b b.png"] == .bytes([3]))
      #expect(files["\u{0438}\u{0306}.png"] == .bytes([4]) && files["c"] == .missing)
    }
    for list in ["[]", "{\"0\": 1}", "{\"0\": \"a\", \"0\": \"b\"}", "{", "{\"0\": {\"x\": {}}}", ""] {
      var zip = AnkiMaker().legacy()
      zip.entries[2] = .init("media", Array(list.utf8))
      guard case .malformedMediaMap? = Reading.refusal(zip.bytes) else {
        Issue.record("it is taken: \(list)")
        continue
      }
    }
    // A list of files that are not there is no fault until one is asked for.
    var zip = AnkiMaker().legacy()
    zip.entries[2] = .init("media", Array("{\"7\": \"a.png\"}".utf8))
    #expect(try Reading(zip.bytes, files: ["a.png"]).files["a.png"] == .missing)
  }
}
