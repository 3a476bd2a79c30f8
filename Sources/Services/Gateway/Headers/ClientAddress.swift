import NIOCore

/// An IP address as 16 bytes; IPv4 in its mapped form (`::ffff:a.b.c.d`), however it was written.
package struct ClientAddress: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  private static let mapped: UInt64 = 0x0000_ffff_0000_0000

  package var isIPv4: Bool { high == 0 && low & 0xffff_ffff_0000_0000 == Self.mapped }

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package init(_ address: SocketAddress) {
    switch address {
    case .v4(let address):
      self.init(high: 0, low: Self.mapped | UInt64(UInt32(bigEndian: address.address.sin_addr.s_addr)))
    case .v6(let address):
      self = withUnsafeBytes(of: address.address.sin6_addr) { bytes in
        ClientAddress(
          high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
          low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
      }
    case .unixDomainSocket: self.init(high: 0, low: 0)
    }
  }

  /// Reads `192.0.2.1` or `2001:db8::1`, as they stand in a list of addresses; a port behind it is passed over.
  package init?(text: some StringProtocol) {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return nil }
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || Self.isPort(rest) else { return nil }
      text = text[text.index(after: text.startIndex)..<end]
    } else if let colon = text.firstIndex(of: ":"), text.contains("."), text.firstIndex(of: ".")! < colon {
      guard Self.isPort(text[colon...]) else { return nil }
      text = text[..<colon]
    }
    guard text.utf8.count <= 45, !text.contains("%"), let address = try? SocketAddress(ipAddress: String(text), port: 0)
    else { return nil }
    self.init(address)
  }

  private static func isPort(_ text: some StringProtocol) -> Bool {
    text.first == ":" && (1...5).contains(text.dropFirst().utf8.count)
      && text.dropFirst().utf8.allSatisfy { (48...57).contains($0) }
  }

  /// The first bits only.
  package func masked(_ bits: Int) -> ClientAddress {
    func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits)) }
    return ClientAddress(high: high & mask(bits), low: low & mask(bits - 64))
  }

  /// What one client is counted by.
  package var client: ClientAddress { isIPv4 ? self : masked(64) }
}

extension ClientAddress: CustomStringConvertible {
  package var description: String {
    if isIPv4 { return [24, 16, 8, 0].map { String((low >> UInt64($0)) & 0xff) }.joined(separator: ".") }
    var buffer = ByteBuffer()
    buffer.writeInteger(high)
    buffer.writeInteger(low)
    let address = try? SocketAddress(packedIPAddress: buffer, port: 0)
    return address?.ipAddress ?? "unknown"
  }
}
