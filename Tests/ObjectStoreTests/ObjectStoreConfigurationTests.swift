import CivilTime
import HTTPClient
import ObjectStore
import Testing

@Suite struct ObjectStoreConfigurationTests {
  private func read(_ endpoint: String) throws -> ObjectStoreConfiguration {
    try ObjectStoreConfiguration(endpoint: endpoint, accessKey: "key", secretKey: "s3cret-w0rd")
  }

  @Test(arguments: [
    ("http://localhost:9002", "localhost:9002"), ("http://S3.Internal/", "s3.internal"),
    ("https://s3.internal:443", "s3.internal"), ("http://s3.internal:443", "s3.internal:443"),
    ("http://127.0.0.1:80", "127.0.0.1"), ("http://[::1]:80", "[::1]"), ("http://[::1]:8080", "[::1]:8080"),
  ])
  func theHostIsAsLibcurlSaysIt(_ endpoint: String, _ host: String) throws {
    #expect(try read(endpoint).host == host)
  }

  @Test(arguments: [
    "localhost:9002", "s3://x", "http://", "http://user:pw@h", "http://h/bucket", "http://h?x", "http://h#x",
    "http://h h",
    "http://hé",
  ])
  func whatIsNoEndpointIsRefused(_ endpoint: String) {
    #expect(throws: InvalidObjectStoreConfiguration.self) { try read(endpoint) }
  }

  @Test func keysThatWouldBreakASignatureAreRefused() {
    for (access, secret, region) in [
      ("", "s", "r"), ("a", "", "r"), ("a", "s", ""), ("a/b", "s", "r"), ("a\r\n", "s", "r"),
    ] {
      #expect(throws: InvalidObjectStoreConfiguration.self) {
        try ObjectStoreConfiguration(endpoint: "http://h", accessKey: access, secretKey: secret, region: region)
      }
    }
  }

  @Test func nothingPrintsTheKeys() throws {
    let configuration = try read("http://secret-host:1")
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(!text.contains("w0rd") && !text.contains("secret-host"), "\(text)")
    }
  }

  @Test func aPresignedPutNamesTypeAndLength() throws {
    let store = try ObjectStore(
      read("http://localhost:9002"), bucket: "cards", clock: { Instant(seconds: 1_369_353_600) })
    let upload = try store.presignedPut(
      "temp/7/a b.png", contentType: "image/png", contentLength: 12, expiresIn: .seconds(3600))
    #expect(upload.headers == ["content-type": "image/png", "content-length": "12"])
    #expect(upload.url.hasPrefix("http://localhost:9002/cards/temp/7/a%20b.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&"))
    #expect(upload.url.contains("&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&"))
    #expect(upload.url.contains("&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&X-Amz-Signature="))
    #expect(throws: ObjectStoreError.self) {
      try store.presignedPut(
        "k", contentType: "image/png\r\nx-amz-acl: public", contentLength: 1, expiresIn: .seconds(1))
    }
    for expiry in [Duration.zero, .seconds(7 * 86400 + 1)] {
      #expect(throws: ObjectStoreError.self) { try store.presignedGet("k", expiresIn: expiry) }
    }
  }

  @Test(arguments: ["ab", "Cards", "cards/", "-cards", "cards?", String(repeating: "a", count: 64)])
  func whatIsNoBucketIsRefused(_ bucket: String) throws {
    let configuration = try read("http://h")
    #expect(throws: ObjectStoreError.self) { try ObjectStore(configuration, bucket: bucket) }
  }
}
