/// A strict RFC 8259 reader with bounds: nesting, and names that occur twice, are refused.
package struct JSONParser {
  package struct Failure: Error, Equatable {
    package enum Kind: Sendable, Equatable {
      /// No JSON.
      case grammar
      /// JSON that says something twice.
      case duplicateName
      /// JSON that is over a bound.
      case depth
    }

    package let kind: Kind
    /// What was wrong, without a full stop.
    package let message: String
    /// Where, in bytes from the start.
    package let offset: Int
  }

  private static let digit = UInt8(ascii: "0")...UInt8(ascii: "9")

  private let bytes: [UInt8]
  private let maximumDepth: Int
  private var position = 0

  private init(_ bytes: [UInt8], maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  /// Reads exactly one value.
  package static func parse(_ bytes: [UInt8], maximumDepth: Int = 32) throws(Failure) -> JSONValue {
    var parser = JSONParser(bytes, maximumDepth: maximumDepth)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.failure("there is more after the end of the value") }
    return value
  }

  private func failure(_ message: String, _ kind: Failure.Kind = .grammar) -> Failure {
    Failure(kind: kind, message: message, offset: position)
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(Failure) -> JSONValue {
    guard depth <= maximumDepth else { throw failure("nesting is deeper than \(maximumDepth)", .depth) }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw failure("the text ends where a value should be")
    case let byte? where byte == UInt8(ascii: "-") || Self.digit.contains(byte): return .number(try number())
    default: throw failure("a value cannot start here")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
    for index in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[index]) else { throw failure("a value cannot start here") }
    }
    return value
  }

  private mutating func object(depth: Int) throws(Failure) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    var names: Set<String> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object([]) }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw failure("a name in quotes should be here") }
      let name = try string()
      guard names.insert(name).inserted else {
        throw failure("the name “\(name.prefix(80))” occurs twice", .duplicateName)
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw failure("a colon should be here") }
      members.append(.init(name, try value(depth: depth + 1)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw failure("a comma or } should be here") }
    }
  }

  private mutating func array(depth: Int) throws(Failure) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array([]) }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(values) }
      guard take(UInt8(ascii: ",")) else { throw failure("a comma or ] should be here") }
    }
  }

  private mutating func number() throws(Failure) -> String {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(Failure) {
    let start = position
    while let byte = current, Self.digit.contains(byte) { position += 1 }
    guard position > start else { throw failure("a digit should be here") }
  }

  private mutating func string() throws(Failure) -> String {
    position += 1
    var out = plainBytes()
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: out, as: UTF8.self) else { throw failure("the text is not valid UTF-8") }
        return text
      case UInt8(ascii: "\\"): try escape(into: &out)
      case 0..<0x20: throw failure("a control character must be escaped")
      default: out.append(byte)
      }
    }
    throw failure("the text ends inside a string")
  }

  /// What needs no second look, up to a quote, an escape, or a control character.
  private mutating func plainBytes() -> [UInt8] {
    let start = position
    while let byte = current, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
    return Array(bytes[start..<position])
  }

  private mutating func escape(into out: inout [UInt8]) throws(Failure) {
    guard let byte = current else { throw failure("the text ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "u"):
      var unit = try hexadecimal()
      if (0xD800..<0xDC00).contains(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair") }
        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(unit) else { throw failure("half a surrogate pair") }
      out.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: throw failure("unknown escape")
    }
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw failure("four hexadecimal digits should be here")
      }
      unit = unit << 4 + UInt32(digit)
      position += 1
    }
    return unit
  }
}
