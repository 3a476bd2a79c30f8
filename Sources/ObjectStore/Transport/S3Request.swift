import CivilTime
import Digests
import HTTPClient

/// A request to a store, as yet unsigned.
struct S3Request: Sendable {
  var method: HTTPRequest.Method
  /// `/bucket` or `/bucket/key`, percent-encoded.
  var path: String
  var query: [(name: String, value: String)] = []
  /// Names in lower case. All are signed.
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []
  /// The most that is taken of an answer to it that is no error.
  var answerLimit = 8 << 20

  /// The lines of its head, the signature among them. What libcurl would add by itself is left out.
  func signedLines(_ configuration: ObjectStoreConfiguration, at moment: Instant) -> [String] {
    let payload = Digest.sha256.hexadecimal(of: body)
    let signed =
      headers + [
        ("host", configuration.host), ("x-amz-content-sha256", payload),
        ("x-amz-date", SignatureV4.timeText(moment)),
      ]
    let subject = SignatureV4.Subject(method: method, path: path, query: query, headers: signed, payload: payload)
    let authorization = configuration.signer.authorization(subject, at: moment)
    return signed.map { "\($0.name): \($0.value)" }
      + ["Authorization: \(authorization)", "Expect:", "Accept:"]
      + (headers.contains { $0.name == "content-type" } ? [] : ["Content-Type:"])
  }

  func url(_ configuration: ObjectStoreConfiguration) -> String {
    let subject = SignatureV4.Subject(method: method, path: path, query: query, headers: [], payload: "")
    return configuration.endpoint + path + (query.isEmpty ? "" : "?" + subject.queryText)
  }
}

/// What a store answered.
struct S3Answer: Sendable {
  let status: Int
  /// By name in lower case.
  let headers: [String: String]
  let body: [UInt8]
}
