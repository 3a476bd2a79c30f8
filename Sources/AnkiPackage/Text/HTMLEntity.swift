/// Characters that HTML writes by name or number.
enum HTMLEntity {
  private static let longest = 12

  private static let named: [String: Unicode.Scalar] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ensp": " ", "emsp": " ", "thinsp": " ",
    "hellip": "…", "mdash": "—", "ndash": "–", "laquo": "«", "raquo": "»", "ldquo": "“", "rdquo": "”", "bdquo": "„",
    "lsquo": "‘", "rsquo": "’", "bull": "•", "middot": "·", "deg": "°", "plusmn": "±", "times": "×", "divide": "÷",
    "frac12": "½", "larr": "←", "rarr": "→", "uarr": "↑", "darr": "↓", "harr": "↔", "le": "≤", "ge": "≥", "ne": "≠",
    "infin": "∞", "sum": "∑", "radic": "√", "pi": "π", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ",
    "lambda": "λ", "mu": "μ", "sigma": "σ", "omega": "ω", "euro": "€", "pound": "£", "copy": "©", "reg": "®",
    "trade": "™", "sect": "§", "para": "¶", "szlig": "ß", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä",
    "Ouml": "Ö", "Uuml": "Ü", "eacute": "é", "egrave": "è", "agrave": "à", "ccedil": "ç", "ntilde": "ñ",
    "shy": "\u{AD}",
  ]

  /// The character that the bytes begin with, and how many of them say it; nil where none is known.
  static func decoded(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, length: Int)? {
    let window = bytes.dropFirst().prefix(longest)
    guard let end = window.firstIndex(of: UInt8(ascii: ";")) else { return nil }
    let name = String(decoding: window[..<end], as: UTF8.self)
    guard let scalar = scalar(name) else { return nil }
    return (scalar, end - bytes.startIndex + 1)
  }

  static func decoded(text bytes: ArraySlice<UInt8>) -> String {
    var (text, rest) = ([UInt8](), bytes)
    while let byte = rest.first {
      if byte == UInt8(ascii: "&"), let (scalar, length) = decoded(rest) {
        text += Array(String(scalar).utf8)
        rest = rest.dropFirst(length)
      } else {
        text.append(byte)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func scalar(_ name: String) -> Unicode.Scalar? {
    guard name.hasPrefix("#") else { return named[name] }
    let digits = name.dropFirst()
    let number = digits.hasPrefix("x") || digits.hasPrefix("X") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    guard let number, let scalar = Unicode.Scalar(number) else { return nil }
    return scalar == "\u{A0}" ? " " : scalar
  }
}
