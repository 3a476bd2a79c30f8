/// What an installation may choose about rows. All of it is part of the fingerprint, since it changes what a message
/// becomes; changing it while a range of messages is half written is therefore noticed.
public struct EventSettings: Sendable, Hashable {
  /// The key of `email_hash`. Secret: whoever has it can test an address against the table.
  public var emailHashKey: SipHash
  /// Also keep the address itself, as it was sent, in `email`. Off unless asked for: it is personal data.
  public var keepsEmail: Bool

  public init(emailHashKey: SipHash = SipHash(k0: 0, k1: 0), keepsEmail: Bool = false) {
    self.emailHashKey = emailHashKey
    self.keepsEmail = keepsEmail
  }

  /// Reads a key written as 32 hexadecimal digits, first `k0`, then `k1`; nil when it is not that.
  public static func parseKey(_ text: String) -> SipHash? {
    let digits = Array(text.utf8)
    guard digits.count == 32, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let k0 = UInt64(text.prefix(16), radix: 16), let k1 = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    return SipHash(k0: k0, k1: k1)
  }

  /// Text for the fingerprint; the key enters as a hash made with it, never as itself.
  var canonical: String { "email \(keepsEmail) \(emailHashKey.hash("kartoteka"))" }
}

extension EventSettings: CustomStringConvertible {
  public var description: String { "EventSettings(keepsEmail: \(keepsEmail), emailHashKey: set)" }
}
