import Settings

/// The proxies in front of the gateway: what they say of their client is believed.
package struct TrustedProxies: Sendable {
  private struct Network: Sendable {
    let base: ClientAddress
    let bits: Int
  }

  private let networks: [Network]

  /// - Parameter list: addresses and networks, as `10.0.0.0/8` or `::1`.
  package init(_ list: [String]) throws(SettingError) {
    var networks: [Network] = []
    for item in list {
      let parts = item.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count <= 2, !parts[0].contains("["), let address = ClientAddress(text: parts[0]) else {
        throw Self.unreadable(item)
      }
      var bits = 128
      if parts.count == 2 {
        let longest = address.isIPv4 ? 32 : 128
        guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(parts[1]), number <= longest else {
          throw Self.unreadable(item)
        }
        bits = address.isIPv4 ? 96 + number : number
      }
      networks.append(Network(base: address.masked(bits), bits: bits))
    }
    self.networks = networks
  }

  private static func unreadable(_ item: String) -> SettingError {
    SettingError(
      "TRUSTED_PROXIES", "holds “\(item.prefix(60))”, which is neither an address nor a network (10.0.0.0/8)")
  }

  package func contain(_ address: ClientAddress) -> Bool {
    networks.contains { address.masked($0.bits) == $0.base }
  }

  /// Who asks: the peer; behind a trusted proxy, the last one in `X-Forwarded-For` that is none itself. What stands before
  /// that one is hearsay.
  package func client(peer: ClientAddress, forwardedFor: [String]) -> ClientAddress {
    guard !networks.isEmpty, contain(peer) else { return peer }
    var client = peer
    for line in forwardedFor.reversed() {
      for item in line.split(separator: ",").reversed() {
        guard let address = ClientAddress(text: item) else { return client }
        client = address
        if !contain(address) { return client }
      }
    }
    return client
  }
}
