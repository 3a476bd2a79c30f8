import CivilTime
import Digests
import HTTPClient

/// AWS's Signature Version 4 for S3: who asks, and for exactly what. After "Authenticating Requests (AWS Signature Version
/// 4)" in Amazon S3's API reference, whose examples are the tests.
package struct SignatureV4: Sendable {
  package static let unsignedPayload = "UNSIGNED-PAYLOAD"
  private static let algorithm = "AWS4-HMAC-SHA256"

  let accessKey: String
  let secretKey: String
  let region: String

  package init(accessKey: String, secretKey: String, region: String) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.region = region
  }

  /// What is signed of a request.
  package struct Subject {
    let method: HTTPRequest.Method
    package let path: String
    var query: [(name: String, value: String)]
    let headers: [(name: String, value: String)]
    let payload: String

    /// - Parameters:
    ///   - path: percent-encoded once.
    ///   - query: not yet encoded.
    ///   - headers: names in lower case; `host` must be among them.
    ///   - payload: the SHA-256 of the body in hexadecimal digits, or `unsignedPayload`.
    package init(
      method: HTTPRequest.Method, path: String, query: [(name: String, value: String)] = [],
      headers: [(name: String, value: String)], payload: String
    ) {
      self.method = method
      self.path = path
      self.query = query
      self.headers = headers
      self.payload = payload
    }

    /// Encoded, and so ASCII, and in the order that is signed: by bytes.
    package var queryText: String {
      query.map { (PercentEncoding.encoded($0.name), PercentEncoding.encoded($0.value)) }
        .sorted(by: <)
        .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    var signedHeaders: String { sortedHeaders.map(\.name).joined(separator: ";") }

    package var canonicalText: String {
      let lines = sortedHeaders.map { "\($0.name):\(Self.collapsed($0.value))\n" }.joined()
      return [method.rawValue, path, queryText, lines, signedHeaders, payload].joined(separator: "\n")
    }

    private var sortedHeaders: [(name: String, value: String)] { headers.sorted { $0.name < $1.name } }

    private static func collapsed(_ value: String) -> String {
      value.split(separator: " ").joined(separator: " ")
    }
  }

  /// The value of the `Authorization` header. `x-amz-date` must be among the headers.
  package func authorization(_ subject: Subject, at moment: Instant) -> String {
    "\(Self.algorithm) Credential=\(accessKey)/\(scope(moment)),SignedHeaders=\(subject.signedHeaders),"
      + "Signature=\(signature(subject, moment))"
  }

  /// The query of a URL by which whoever has it may do what `subject` is, with its headers.
  package func presignedQuery(_ subject: Subject, at moment: Instant, expiresIn seconds: Int) -> String {
    var subject = subject
    subject.query += [
      ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(accessKey)/\(scope(moment))"),
      ("X-Amz-Date", Self.timeText(moment)), ("X-Amz-Expires", String(seconds)),
      ("X-Amz-SignedHeaders", subject.signedHeaders),
    ]
    return subject.queryText + "&X-Amz-Signature=\(signature(subject, moment))"
  }

  /// `20130524T000000Z`.
  static func timeText(_ moment: Instant) -> String {
    Instant(seconds: moment.seconds).isoText.filter { $0 != "-" && $0 != ":" }
  }

  private func scope(_ moment: Instant) -> String { "\(Self.timeText(moment).prefix(8))/\(region)/s3/aws4_request" }

  private func signature(_ subject: Subject, _ moment: Instant) -> String {
    let digest = Digest.sha256.hexadecimal(of: Array(subject.canonicalText.utf8))
    let text = [Self.algorithm, Self.timeText(moment), scope(moment), digest].joined(separator: "\n")
    let parts = [String(Self.timeText(moment).prefix(8)), region, "s3", "aws4_request", text]
    let code = parts.reduce(Array("AWS4\(secretKey)".utf8)) { Digest.hmacSHA256(of: Array($1.utf8), key: $0) }
    return code.hexadecimal
  }
}
