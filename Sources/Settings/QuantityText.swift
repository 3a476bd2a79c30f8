import Foundation

/// Times as people write them: a number and its unit.
package enum DurationText {
  /// Smallest first.
  private static let units: [(name: String, seconds: Double)] = [
    ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400),
  ]
  /// A thousand years; `Duration` traps beyond what it can hold.
  private static let longestSeconds = 366.0 * 86400 * 1000

  /// `nil` for anything but a number of at least 0 with its unit (`250ms`, `1.5s`, `10m`, `2h`, `30d`), and for more than a
  /// thousand years.
  package static func duration(_ text: String) -> Duration? {
    guard let (amount, name) = QuantityText.split(text), let unit = units.first(where: { $0.name == name }) else {
      return nil
    }
    let seconds = amount * unit.seconds
    return seconds <= longestSeconds ? .seconds(seconds) : nil
  }

  /// In the largest unit of which it is a whole number.
  package static func text(_ duration: Duration) -> String {
    let ms = duration.wholeMilliseconds
    for (name, seconds) in units.reversed() where ms != 0 && ms.isMultiple(of: Int(seconds * 1000)) {
      return "\(ms / Int(seconds * 1000))\(name)"
    }
    return "\(ms)ms"
  }
}

/// Sizes as people write them: a number and perhaps a unit.
package enum SizeText {
  private static let units: [String: Double] = [
    "": 1, "B": 1, "KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824, "kB": 1e3, "MB": 1e6, "GB": 1e9,
  ]

  /// `nil` for anything but a number of at least 0 with a known unit or none, and for 1e15 bytes or more.
  package static func bytes(_ text: String) -> Int? {
    guard let (amount, name) = QuantityText.split(text), let unit = units[name], amount * unit < 1e15 else {
      return nil
    }
    return Int(amount * unit)
  }

  /// In the largest binary unit of which it is a whole number.
  package static func text(_ bytes: Int) -> String {
    for name in ["GiB", "MiB", "KiB"] {
      let unit = Int(units[name] ?? 1)
      if bytes != 0, bytes.isMultiple(of: unit) { return "\(bytes / unit)\(name)" }
    }
    return "\(bytes)"
  }
}

private enum QuantityText {
  /// The number at the front and the word behind it.
  static func split(_ text: String) -> (Double, String)? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let amount = Double(number), amount.isFinite else { return nil }
    return (amount, text.dropFirst(number.count).trimmingCharacters(in: .whitespaces))
  }
}

extension Duration {
  /// Milliseconds, what is left over cut off. Only for times that have passed `DurationText`: it traps beyond 292 million
  /// years.
  package var wholeMilliseconds: Int {
    Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
