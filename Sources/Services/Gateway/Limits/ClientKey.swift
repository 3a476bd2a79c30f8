import NIOCore

/// Whose requests are counted together: a person's, or those of an address. Of IPv6 the network (/64) counts, which is what one
/// customer has.
package enum ClientKey: Hashable, Sendable {
  case person(Int64)
  case address(ClientAddress)
  /// All who are too many to be told apart.
  case others
}
