import Foundation

/// Settings by environment variable, flags laid over them, read with a clear error for each unusable value.
///
/// An empty variable counts as absent, as `NAME=` in an `.env` file means to say.
package struct Settings: Sendable {
  private var values: [String: String]

  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    values = environment.filter { !$0.value.isEmpty }
  }

  /// These settings with the given ones on top; `nil` leaves what was there. Command-line flags come in this way.
  package func overriding(_ flags: [String: String?]) -> Settings {
    var copy = self
    for case (let name, let value?) in flags { copy.values[name] = value }
    return copy
  }

  /// `true` on the platform one developer runs on one machine (`KARTOTEKA_ENV=local`, the default): only there are the
  /// well-known default secrets accepted.
  package var isLocal: Bool { (values["KARTOTEKA_ENV"] ?? "local") == "local" }

  package func text(_ name: String) -> String? { values[name] }

  package func text(_ name: String, default fallback: String) -> String { values[name] ?? fallback }

  /// The variable, which has no default.
  package func required(_ name: String) throws(SettingError) -> String {
    guard let value = values[name] else { throw SettingError(name, "is not set, and there is no default for it") }
    return value
  }

  package func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(SettingError) -> Int {
    guard let value = values[name] else { return fallback }
    guard let number = Int(value) else { throw SettingError(name, "is not a whole number: \(Self.shown(value))") }
    guard range.contains(number) else {
      throw SettingError(name, "must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
    }
    return number
  }

  package func port(_ name: String, default fallback: Int) throws(SettingError) -> Int {
    try integer(name, default: fallback, in: 0...65535)
  }

  package func number(
    _ name: String, default fallback: Double, in range: ClosedRange<Double>
  ) throws(SettingError) -> Double {
    guard let value = values[name] else { return fallback }
    guard let number = Double(value), number.isFinite else {
      throw SettingError(name, "is not a number: \(Self.shown(value))")
    }
    guard range.contains(number) else {
      throw SettingError(name, "must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
    }
    return number
  }

  package func flag(_ name: String, default fallback: Bool) throws(SettingError) -> Bool {
    guard let value = values[name]?.lowercased() else { return fallback }
    switch value {
    case "1", "true", "yes", "on": return true
    case "0", "false", "no", "off": return false
    default: throw SettingError(name, "must be true or false, not \(Self.shown(value))")
    }
  }

  /// A time with its unit: `250ms`, `1.5s`, `10m`, `2h`, `30d`.
  package func duration(
    _ name: String, default fallback: Duration, in range: ClosedRange<Duration>? = nil
  ) throws(SettingError) -> Duration {
    guard let value = values[name] else { return fallback }
    guard let (amount, unit) = Self.split(value), let seconds = Self.secondsByUnit[unit] else {
      throw SettingError(name, "is not a time with its unit (250ms, 1s, 10m, 2h, 30d): \(Self.shown(value))")
    }
    let duration = Duration.seconds(amount * seconds)
    if let range, !range.contains(duration) {
      throw SettingError(name, "must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
    return duration
  }

  /// A size in bytes with an optional unit: `65536`, `64KiB`, `8MiB`, `1GiB`.
  package func bytes(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(SettingError) -> Int {
    guard let value = values[name] else { return fallback }
    guard let (amount, unit) = Self.split(value), let scale = Self.bytesByUnit[unit], amount * scale < 1e15 else {
      throw SettingError(name, "is not a size in bytes (65536, 64KiB, 8MiB, 1GiB): \(Self.shown(value))")
    }
    let bytes = Int(amount * scale)
    guard range.contains(bytes) else {
      throw SettingError(name, "must be from \(range.lowerBound) to \(range.upperBound) bytes, not \(value)")
    }
    return bytes
  }

  /// An absolute `http` or `https` URL with a host and without a password in it.
  package func url(_ name: String, default fallback: String) throws(SettingError) -> URL {
    let value = values[name] ?? fallback
    guard let url = URL(string: value), let scheme = url.scheme, ["http", "https"].contains(scheme.lowercased()),
      url.host?.isEmpty == false
    else { throw SettingError(name, "is not an http or https URL: \(Self.shown(value))") }
    guard url.password == nil else {
      throw SettingError(name, "carries a password; give it in the variable meant for it instead")
    }
    return url
  }

  /// A comma-separated list; blanks around an item are dropped, empty items too.
  package func list(_ name: String, default fallback: [String] = []) -> [String] {
    guard let value = values[name] else { return fallback }
    return value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  package func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default fallback: Choice
  ) throws(SettingError) -> Choice where Choice.RawValue == String {
    guard let value = values[name] else { return fallback }
    guard let choice = Choice(rawValue: value.lowercased()) else {
      let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw SettingError(name, "must be one of \(allowed), not \(Self.shown(value))")
    }
    return choice
  }

  /// A secret whose well-known default is accepted on the local platform only.
  package func secret(_ name: String, localDefault: String) throws(SettingError) -> Secret {
    let value = values[name] ?? localDefault
    if !isLocal, value == localDefault {
      let state = values[name] == nil ? "is not set" : "is still the local platform's default"
      throw SettingError(name, "\(state), and KARTOTEKA_ENV is not local: choose a secret of your own")
    }
    return Secret(value)
  }

  private static let secondsByUnit: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400]
  private static let bytesByUnit: [String: Double] = [
    "": 1, "B": 1, "KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824, "kB": 1e3, "MB": 1e6, "GB": 1e9,
  ]

  private static func split(_ value: String) -> (Double, String)? {
    let number = value.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let amount = Double(number), amount.isFinite else { return nil }
    return (amount, value.dropFirst(number.count).trimmingCharacters(in: .whitespaces))
  }

  private static func shown(_ value: String) -> String {
    value.count > 80 ? "“\(value.prefix(80))…”" : "“\(value)”"
  }
}
