import CivilTime
import Foundation
import ObjectStore
import RealServers
import Testing

/// URLs that we signed, used by somebody without keys against the real store.
@Suite struct PresignedTests {
  private static let picture = Array("\u{89}PNG not really".utf8)

  @Test func aPictureIsUploadedAndSeen() async throws {
    try await ObjectStoreServer.withStore { store, prefix in
      let key = prefix + "a b+c.png"
      let upload = try store.presignedPut(
        key, contentType: "image/png", contentLength: Self.picture.count, expiresIn: .seconds(3600))
      let put = try await PlainRequest.send("PUT", upload.url, headers: upload.headers, body: Self.picture)
      #expect(put.status == 200, "\(String(decoding: put.body, as: UTF8.self))")
      #expect(try await store.head(key).contentType == "image/png")
      let seen = try await PlainRequest.send("GET", try store.presignedGet(key, expiresIn: .seconds(60)))
      #expect(seen.status == 200 && seen.body == Self.picture && seen.contentType == "image/png")
    }
  }

  @Test func anotherTypeOrLengthOrKeyIsRefused() async throws {
    try await ObjectStoreServer.withStore { store, prefix in
      let key = prefix + "a.png"
      let upload = try store.presignedPut(
        key, contentType: "image/png", contentLength: Self.picture.count, expiresIn: .seconds(3600))
      let otherType = try await PlainRequest.send(
        "PUT", upload.url, headers: ["content-type": "image/svg+xml"], body: Self.picture)
      #expect(otherType.status == 403)
      let longer = try await PlainRequest.send(
        "PUT", upload.url, headers: upload.headers, body: Self.picture + [0])
      #expect(longer.status == 403)
      let shorter = try await PlainRequest.send(
        "PUT", upload.url, headers: upload.headers, body: Array(Self.picture.dropLast()))
      #expect(shorter.status == 403)
      let otherKey = try await PlainRequest.send(
        "PUT", upload.url.replacing("a.png", with: "b.png"), headers: upload.headers, body: Self.picture)
      #expect(otherKey.status == 403)
      let otherMethod = try await PlainRequest.send("GET", upload.url, headers: upload.headers)
      #expect(otherMethod.status == 403)
      let longerLife = try await PlainRequest.send(
        "PUT", upload.url.replacing("X-Amz-Expires=3600", with: "X-Amz-Expires=36000"), headers: upload.headers,
        body: Self.picture)
      #expect(longerLife.status == 403)
      #expect(try await store.keys(prefix).isEmpty)
    }
  }

  @Test func anExpiredURLIsRefused() async throws {
    try await ObjectStoreServer.withStore { store, prefix in
      let key = prefix + "a.png"
      try await store.put(Self.picture, key, contentType: "image/png")
      // Signed ten minutes ago.
      let past = try ObjectStore(
        ObjectStoreServer.configuration(), bucket: ObjectStoreServer.bucket,
        clock: { Instant(seconds: Int(Date().timeIntervalSince1970) - 600) })
      defer { past.close() }
      #expect(try await PlainRequest.send("GET", past.presignedGet(key, expiresIn: .seconds(3600))).status == 200)
      #expect(try await PlainRequest.send("GET", past.presignedGet(key, expiresIn: .seconds(300))).status == 403)
      let upload = try past.presignedPut(
        key, contentType: "image/png", contentLength: 1, expiresIn: .seconds(300))
      #expect(try await PlainRequest.send("PUT", upload.url, headers: upload.headers, body: [1]).status == 403)
      #expect(try await store.get(key).bytes == Self.picture)
    }
  }
}
