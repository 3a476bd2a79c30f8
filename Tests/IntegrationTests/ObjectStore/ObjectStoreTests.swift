import Foundation
import ObjectStore
import RealServers
import Testing

/// The client against the real store.
@Suite struct ObjectStoreTests {
  private func refusal(_ body: () async throws(ObjectStoreError) -> Void) async -> ObjectStoreError? {
    do throws(ObjectStoreError) {
      try await body()
      return nil
    } catch { return error }
  }

  @Test func whatIsPutIsThere() async throws {
    try await ObjectStoreServer.withStore { store, prefix in
      let key = prefix + "a.png"
      let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let etag = try await store.put(bytes, key, contentType: "image/png")
      let whole = try await store.get(key)
      #expect(whole.bytes == bytes)
      #expect(whole.info == ObjectInfo(size: bytes.count, contentType: "image/png", etag: etag))
      #expect(try await store.head(key) == whole.info)

      let first = try await store.get(key, range: 0..<16, limit: 16)
      #expect(first.bytes == Array(bytes[..<16]) && first.info.size == bytes.count)
      let last = try await store.get(key, range: 299_990..<400_000)
      #expect(last.bytes == Array(bytes[299_990...]))
      #expect(
        await refusal { () throws(ObjectStoreError) in _ = try await store.get(key, limit: 299_999) }
          == .tooLarge(limit: 299_999))
      #expect(try await store.get(key, limit: 300_000).bytes.count == 300_000)

      try await store.put([], key, contentType: "image/webp")
      let empty = try await store.get(key)
      #expect(empty.bytes.isEmpty && empty.info.contentType == "image/webp")
    }
  }

  @Test func whatIsNotThereIsNotFound() async throws {
    try await ObjectStoreServer.withStore { store, prefix in
      let key = prefix + "none"
      #expect(await refusal { () throws(ObjectStoreError) in _ = try await store.get(key) } == .notFound)
      #expect(await refusal { () throws(ObjectStoreError) in _ = try await store.head(key) } == .notFound)
      #expect(
        await refusal { () throws(ObjectStoreError) in try await store.copy(key, to: prefix + "to") } == .notFound)
      #expect(await refusal { () throws(ObjectStoreError) in try await store.delete(key) } == nil)
      let refused = try await store.delete([key])
      #expect(refused.isEmpty)
      let keys = try await store.keys(prefix)
      #expect(keys.isEmpty)
    }
  }

  static let oddNames = [
    "blank in it.png", "plus+plus", "per%cent", "%2F%20%zz", "карта 🃏.webp", "e\u{301}", "\u{e9}", "q?x=1&y#z",
    "a&b<c>\"d'",
    "semi;colon:at@eq=,$", "[]{}|^`~", " leading", "trailing ", "...", "ключ/вложенный/é", "(!)*'", "+", "%",
  ]

  @Test func oddKeysSurvive() async throws {
    try await ObjectStoreServer.withStore { store, prefix in
      for name in Self.oddNames {
        try await store.put(Array(name.utf8), prefix + "from/" + name, contentType: "text/plain")
        try await store.copy(prefix + "from/" + name, to: prefix + "to/" + name)
      }
      for name in Self.oddNames {
        #expect(try await store.get(prefix + "to/" + name).bytes == Array(name.utf8), "\(name)")
        let url = try store.presignedGet(prefix + "from/" + name, expiresIn: .seconds(60))
        #expect(try await PlainRequest.send("GET", url).body == Array(name.utf8), "\(name)")
      }
      // Compared as bytes: `String` holds composed and decomposed characters for equal.
      func bytes(_ keys: [String]) -> Set<[UInt8]> { Set(keys.map { Array($0.utf8) }) }
      let listed = try await store.keys(prefix + "from/")
      #expect(bytes(listed) == bytes(Self.oddNames.map { prefix + "from/" + $0 }))
      for name in Self.oddNames where name.utf8.count % 2 == 0 { try await store.delete(prefix + "from/" + name) }
      #expect(try await store.delete(listed).isEmpty)
      #expect(try await store.keys(prefix + "from/").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(2))) func thousandsOfKeys() async throws {
    try await ObjectStoreServer.withStore { store, prefix in
      let names = (0..<1050).map { prefix + "k\(10_000 + $0)" }
      let copies = names.map { $0 + "-copy" }
      try await each(names) { try await store.put([1], $0, contentType: "image/gif") }
      #expect(try await store.keys(prefix) == names)
      #expect(try await store.keys(prefix, page: 400) == names)
      let first = try await store.list(prefix: prefix, limit: 7)
      #expect(first.entries.map(\.key) == Array(names[..<7]) && first.continuation != nil)
      #expect(first.entries.allSatisfy { $0.size == 1 })
      try await each(names) { try await store.copy($0, to: $0 + "-copy") }
      try await each(copies) { key in
        let info = try await store.head(key)
        #expect(info.size == 1 && info.contentType == "image/gif")
      }
      #expect(try await store.delete(names).isEmpty)
      #expect(try await store.keys(prefix) == copies)
      try await each(copies) { try await store.delete($0) }
      #expect(try await store.keys(prefix).isEmpty)
    }
  }

  /// Does something with each key, 32 at once.
  private func each(_ keys: [String], _ work: @escaping @Sendable (String) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, key) in keys.enumerated() {
        if number >= 32 { try await group.next() }
        group.addTask { try await work(key) }
      }
      try await group.waitForAll()
    }
  }

  @Test func aWrongSecretIsRefused() async throws {
    let store = try ObjectStore(
      ObjectStoreServer.configuration(secret: "wrong-w0rd"), bucket: ObjectStoreServer.bucket)
    defer { store.close() }
    for error in [
      await refusal { () throws(ObjectStoreError) in _ = try await store.get("x") },
      await refusal { () throws(ObjectStoreError) in _ = try await store.put([1], "x", contentType: "image/png") },
      await refusal { () throws(ObjectStoreError) in _ = try await store.list() },
    ] {
      guard case .server(let code, 403, _) = error, let error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(code == "SignatureDoesNotMatch")
      #expect(!"\(error)".contains("w0rd") && !"\(error)".contains("127.0.0.1"))
    }
  }

  @Test func noSuchBucketIsSaid() async throws {
    let store = try ObjectStore(
      ObjectStoreServer.configuration(), bucket: "no-such-bucket-\(UInt32.random(in: 0 ... .max))")
    defer { store.close() }
    for error in [
      await refusal { () throws(ObjectStoreError) in _ = try await store.get("x") },
      await refusal { () throws(ObjectStoreError) in _ = try await store.list() },
    ] {
      guard case .server("NoSuchBucket", 404, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  @Test func nobodyThereIsNoConnection() async throws {
    let store = try ObjectStore(ObjectStoreServer.configuration(endpoint: "http://127.0.0.1:1"), bucket: "cards")
    defer { store.close() }
    let error = await refusal { () throws(ObjectStoreError) in _ = try await store.get("x") }
    guard case .connection(let words) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!words.contains("127.0.0.1"))
  }
}
