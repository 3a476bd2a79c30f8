import Digests
import ServiceContract

/// A key of the auth service, and from when on it signs. It stops when a later one begins.
package struct SigningKey: Sendable {
  package let key: P256PrivateKey
  /// Seconds since 1970.
  package let signsFrom: Int64
  package let publicKey: JSONWebKey

  package init(_ key: P256PrivateKey = P256PrivateKey(), signsFrom: Int64) {
    self.key = key
    self.signsFrom = signsFrom
    publicKey = JSONWebKey(key.publicKey)
  }

  package var id: String { publicKey.id }
}
