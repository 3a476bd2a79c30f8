import Settings

/// Who may ask: named keys, from `ANALYTICS_SERVICE_KEYS=name:key,name:key`.
package struct ServiceKeys: Sendable {
  /// The key every local platform has; refused elsewhere.
  package static let localDefault = DeclaredSettings().analytics.serviceKeys.declaration.defaultText

  private let keys: [(name: String, key: Secret)]
  /// Whether the well-known key of the local platform opens this service.
  package let acceptsLocalDefault: Bool

  /// - Throws: `SettingError` when the setting is malformed, or is the local default outside the local platform.
  package init(_ settings: Settings) throws(SettingError) {
    let name = DeclaredSettings().analytics.serviceKeys.declaration.name
    let text = try settings[\.analytics.serviceKeys].revealed
    var keys: [(name: String, key: Secret)] = []
    for item in text.split(separator: ",") {
      let trimmed = item.trimmingPrefix { $0 == " " }
      guard let colon = trimmed.firstIndex(of: ":"), colon != trimmed.startIndex else {
        throw SettingError(name, "must be a list such as dashboard:KEY,reports:KEY")
      }
      let key = String(trimmed[trimmed.index(after: colon)...]).trimmingSuffix()
      guard key.utf8.count >= 12 else { throw SettingError(name, "has a key of less than 12 characters") }
      if !settings.isLocal, Self.localDefault.hasSuffix(":\(key)") {
        throw SettingError(
          name, "holds the local platform's default key, and KARTOTEKA_ENV is not local: choose your own")
      }
      keys.append((String(trimmed[..<colon]), Secret(key)))
    }
    guard !keys.isEmpty else { throw SettingError(name, "holds no key") }
    self.keys = keys
    acceptsLocalDefault = keys.contains { Self.localDefault.hasSuffix(":\($0.key.revealed)") }
  }

  /// The name of the key `candidate` is, looking at every key in full.
  package func name(of candidate: some StringProtocol) -> String? {
    keys.reduce(nil) { found, entry in entry.key.matches(candidate) ? entry.name : found }
  }
}

extension String {
  fileprivate func trimmingSuffix() -> String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
