import CivilTime
import HTTPClient
import ObjectStore
import Testing

/// The examples of "Authenticating Requests (AWS Signature Version 4)" in Amazon S3's API reference.
@Suite struct SignatureV4Tests {
  private let signer = SignatureV4(
    accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1")
  /// 2013-05-24T00:00:00Z
  private let moment = Instant(seconds: 1_369_353_600)
  private static let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  private static let host = ("host", "examplebucket.s3.amazonaws.com")
  private static let date = ("x-amz-date", "20130524T000000Z")

  private func signature(_ subject: SignatureV4.Subject) -> String {
    String(signer.authorization(subject, at: moment).split(separator: "Signature=").last ?? "")
  }

  @Test func getObject() {
    let subject = SignatureV4.Subject(
      method: .get, path: "/test.txt",
      headers: [Self.host, ("range", "bytes=0-9"), ("x-amz-content-sha256", Self.nothing), Self.date],
      payload: Self.nothing)
    #expect(
      subject.canonicalText == """
        GET
        /test.txt

        host:examplebucket.s3.amazonaws.com
        range:bytes=0-9
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20130524T000000Z

        host;range;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """)
    #expect(
      signer.authorization(subject, at: moment)
        == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
  }

  @Test func putObject() throws {
    let payload = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
    let subject = SignatureV4.Subject(
      method: .put, path: "/" + (try ObjectKey("test$file.text")).encoded,
      headers: [
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"), Self.date, ("x-amz-content-sha256", payload), Self.host,
        ("date", "Fri, 24 May 2013 00:00:00 GMT"),
      ], payload: payload)
    #expect(subject.path == "/test%24file.text")
    #expect(signature(subject) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
  }

  @Test func getBucketLifecycle() {
    let subject = SignatureV4.Subject(
      method: .get, path: "/", query: [("lifecycle", "")],
      headers: [Self.host, ("x-amz-content-sha256", Self.nothing), Self.date], payload: Self.nothing)
    #expect(signature(subject) == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
  }

  @Test func listObjects() {
    let subject = SignatureV4.Subject(
      method: .get, path: "/", query: [("prefix", "J"), ("max-keys", "2")],
      headers: [Self.host, ("x-amz-content-sha256", Self.nothing), Self.date], payload: Self.nothing)
    #expect(subject.queryText == "max-keys=2&prefix=J")
    #expect(signature(subject) == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
  }

  @Test func presignedURL() {
    let subject = SignatureV4.Subject(
      method: .get, path: "/test.txt", headers: [Self.host], payload: SignatureV4.unsignedPayload)
    #expect(
      signer.presignedQuery(subject, at: moment, expiresIn: 86400)
        == "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
  }

  /// By the encoded bytes, names before values; `String` would sort otherwise.
  @Test func theQueryIsSortedByBytes() {
    let subject = SignatureV4.Subject(
      method: .get, path: "/",
      query: [("b", "2"), ("b", "10"), ("é", ""), ("a-", "1"), ("a", "+ %/~"), ("A", "")], headers: [], payload: "")
    #expect(subject.queryText == "%C3%A9=&A=&a=%2B%20%25%2F~&a-=1&b=10&b=2")
  }

  @Test func blanksInHeadersAreCollapsed() {
    let subject = SignatureV4.Subject(
      method: .get, path: "/", headers: [("host", "h"), ("a", "  x   y ")], payload: "p")
    #expect(subject.canonicalText == "GET\n/\n\na:x y\nhost:h\n\na;host\np")
  }
}
