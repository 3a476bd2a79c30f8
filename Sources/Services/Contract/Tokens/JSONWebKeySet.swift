import JSON

/// The public keys by which tokens are checked, as they are published (`/.well-known/jwks.json`).
package struct JSONWebKeySet: Sendable, Equatable {
  package static let path = "/.well-known/jwks.json"
  package static let mediaType = "application/jwk-set+json"
  package static let mostKeys = 16

  package let keys: [JSONWebKey]

  package init(_ keys: [JSONWebKey]) {
    self.keys = keys
  }

  /// Reads a set; keys of other kinds are passed over.
  package init(json bytes: [UInt8]) throws(InvalidKeySet) {
    guard let set = try? JSONParser.parse(bytes, maximumDepth: 6), case .array(let values)? = set["keys"],
      values.count <= Self.mostKeys
    else { throw .notASet }
    var keys: [JSONWebKey] = []
    for value in values {
      guard case .object = value else { throw .notASet }
      guard let key = try JSONWebKey(value) else { continue }
      guard !keys.contains(where: { $0.id == key.id }) else { throw .keyID }
      keys.append(key)
    }
    self.keys = keys
  }

  package func key(_ id: String) -> JSONWebKey? { keys.first { $0.id == id } }

  package var json: String { JSONValue.members([("keys", .array(keys.map(\.json)))]).text }
}
