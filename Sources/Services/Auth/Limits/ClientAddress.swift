import Digests
import Glibc
import HTTPTypes
import ServiceContract

/// Where a client is, as logins are limited by it and sessions shown with it.
package struct ClientAddress: Sendable, Equatable {
  /// An address of IPv4 or IPv6; `unknown` for what is none.
  package let text: String

  /// That of the peer; when the gateway brought the request, the one that it says. Behind a proxy that the gateway trusts, the
  /// gateway's peer comes last, and who asked it before that; what stands further in front, the client may have made up.
  init(_ headers: HTTPFields, _ context: CallContext) {
    self.init(forwardedFor: context.isVouchedFor ? headers[.forwardedFor] : nil, peer: context.connection.peerAddress)
  }

  package init(forwardedFor header: String?, peer: String?) {
    let named = header?.split(separator: ",").map { $0.drop { $0 == " " } }.suffix(2).first
    let address = named.map(String.init) ?? peer ?? ""
    text = Self.bytes(address) == nil ? "unknown" : address
  }

  /// For counting: of IPv6 the first half, since whoever has one address has all that share it.
  package var network: String {
    guard let bytes = Self.bytes(text), bytes.count == 16 else { return text }
    if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) {
      return bytes.suffix(4).map { String($0) }.joined(separator: ".")
    }
    return "\(bytes.prefix(8).hexadecimal)::"
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    guard text.utf8.count <= 45 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET6, text, &bytes) == 1 { return bytes }
    return inet_pton(AF_INET, text, &bytes) == 1 ? Array(bytes.prefix(4)) : nil
  }
}

extension HTTPField.Name {
  static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
}
