/// Where an S3 store is, as whom to speak to it, and for how long to wait. Buckets are addressed by path, which every store
/// understands.
package struct ObjectStoreConfiguration: Sendable {
  /// `http://host[:port]` or `https://host[:port]`, without the scheme's own port.
  let endpoint: String
  /// As the `Host` header says it.
  package let host: String
  let signer: SignatureV4
  /// Time to establish a connection, in milliseconds.
  package var connectTimeoutMs = 2_000
  /// When a request that is given no deadline must have been answered, from when it was asked for.
  package var requestTimeout = Duration.seconds(30)

  package init(
    endpoint: String, accessKey: String, secretKey: String, region: String = "us-east-1"
  ) throws(InvalidObjectStoreConfiguration) {
    var rest = endpoint[...]
    while rest.last == "/" { rest.removeLast() }
    guard let scheme = ["http://", "https://"].first(where: rest.hasPrefix) else { throw .scheme }
    rest = rest.dropFirst(scheme.count)
    guard !rest.contains("@") else { throw .credentials }
    guard !rest.isEmpty, rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !rest.contains(where: { "/?#".contains($0) })
    else { throw .notAHost }
    // libcurl leaves the scheme's own port out of `Host`, which is signed.
    let ownPort = scheme == "http://" ? ":80" : ":443"
    if rest.hasSuffix(ownPort), rest.first == "[" || rest.filter({ $0 == ":" }).count == 1 {
      rest = rest.dropLast(ownPort.count)
    }
    guard !accessKey.isEmpty, !secretKey.isEmpty, !region.isEmpty,
      (accessKey + region).utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !(accessKey + region).contains("/")
    else { throw .keys }
    host = rest.lowercased()
    self.endpoint = scheme + host
    signer = SignatureV4(accessKey: accessKey, secretKey: secretKey, region: region)
  }
}

extension ObjectStoreConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "S3, region \(signer.region)" }
  package var debugDescription: String { description }
  /// Without address and keys, so that `dump` and string interpolation cannot leak them.
  package var customMirror: Mirror { Mirror(self, children: ["region": signer.region]) }
}

/// What is wrong with an ``ObjectStoreConfiguration``. Never repeats what was given: it may be or hold a secret.
package enum InvalidObjectStoreConfiguration: Error, Sendable, CustomStringConvertible {
  case scheme, credentials, notAHost, keys

  package var description: String {
    switch self {
    case .scheme: "the S3 endpoint must begin with http:// or https://, as in http://localhost:9002"
    case .credentials: "the S3 endpoint must not contain a user or password: give the keys in the settings of their own"
    case .notAHost: "the S3 endpoint must be a scheme, a host and a port only, as in http://localhost:9002"
    case .keys: "the S3 keys and region must not be empty, and access key and region hold no blanks and no slash"
    }
  }
}
