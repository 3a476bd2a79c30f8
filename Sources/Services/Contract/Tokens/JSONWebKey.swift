import Digests
import JSON

/// A public key of P-256 for signatures, as RFC 7517 writes it.
package struct JSONWebKey: Sendable, Equatable {
  /// `kid`: by which tokens name it.
  package let id: String
  package let publicKey: P256PublicKey

  /// Its id is its thumbprint (RFC 7638).
  package init(_ publicKey: P256PublicKey) {
    let members =
      #"{"crv":"P-256","kty":"EC","x":"\#(Base64URL.encoded(publicKey.x))","y":"\#(Base64URL.encoded(publicKey.y))"}"#
    id = Base64URL.encoded(Digest.sha256.bytes(of: Array(members.utf8)))
    self.publicKey = publicKey
  }

  /// Nil for a key of another kind or use, which may stand in a set.
  init?(_ json: JSONValue) throws(InvalidKeySet) {
    guard json["d"] == nil, json["k"] == nil else { throw .secretKey }
    guard json["kty"] == .string("EC"), json["crv"] == .string("P-256"),
      json["use"] ?? .string("sig") == .string("sig"),
      json["alg"] ?? .string("ES256") == .string("ES256")
    else { return nil }
    guard case .string(let id)? = json["kid"], (1...128).contains(id.utf8.count) else { throw .keyID }
    guard case .string(let x)? = json["x"], case .string(let y)? = json["y"],
      let x = Base64URL.decoded(x.utf8), let y = Base64URL.decoded(y.utf8), let key = P256PublicKey(x: x, y: y)
    else { throw .coordinates }
    self.id = id
    publicKey = key
  }

  var json: JSONValue {
    .members([
      ("kty", .string("EC")), ("crv", .string("P-256")), ("x", .string(Base64URL.encoded(publicKey.x))),
      ("y", .string(Base64URL.encoded(publicKey.y))), ("use", .string("sig")), ("alg", .string("ES256")),
      ("kid", .string(id)),
    ])
  }
}

/// Why a set of keys is not taken.
package enum InvalidKeySet: Error, Sendable, Equatable, CustomStringConvertible {
  case notASet, keyID, coordinates
  /// A key that nobody should see.
  case secretKey

  package var description: String {
    switch self {
    case .notASet: "this is no JSON Web Key Set of at most \(JSONWebKeySet.mostKeys) keys"
    case .keyID: "a key of the set has no kid, or that of another one"
    case .coordinates: "a key of the set is no point of the curve P-256"
    case .secretKey: "a key of the set is secret"
    }
  }
}
