import EventSchema

/// A JSON value as the reference reader sees it; numbers keep their text, objects their order and duplicates.
indirect enum ReferenceJSON {
  case null
  case bool(Bool)
  case number(String)
  case string([UInt8])
  case array([ReferenceJSON])
  case object([(key: [UInt8], value: ReferenceJSON)])
}

/// A plain recursive-descent reader, written to be checked by eye and sharing nothing with the decoder.
struct ReferenceReader {
  struct Fault: Error {
    var reason: Reason
  }

  private let bytes: [UInt8]
  private var index = 0

  static func read(_ bytes: [UInt8]) throws(Fault) -> ReferenceJSON {
    var reader = ReferenceReader(bytes: bytes)
    reader.blanks()
    let value = try reader.value(depth: 1)
    reader.blanks()
    if reader.index < bytes.count { throw Fault(reason: .malformedJSON) }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func blanks() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
  }

  private mutating func take(_ text: String) -> Bool {
    guard bytes[index...].starts(with: text.utf8) else { return false }
    index += text.utf8.count
    return true
  }

  private mutating func value(depth: Int) throws(Fault) -> ReferenceJSON {
    switch next {
    case UInt8(ascii: "{"):
      if depth > 64 { throw Fault(reason: .tooDeep) }
      return try object(depth)
    case UInt8(ascii: "["):
      if depth > 64 { throw Fault(reason: .tooDeep) }
      return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    default: break
    }
    if take("true") { return .bool(true) }
    if take("false") { return .bool(false) }
    if take("null") { return .null }
    if take("NaN") || take("Infinity") || take("-Infinity") { throw Fault(reason: .nonFiniteNumber) }
    return .number(try number())
  }

  private mutating func object(_ depth: Int) throws(Fault) -> ReferenceJSON {
    var members: [(key: [UInt8], value: ReferenceJSON)] = []
    index += 1
    blanks()
    if take("}") { return .object([]) }
    while true {
      guard next == UInt8(ascii: "\"") else { throw Fault(reason: .malformedJSON) }
      let key = try string()
      blanks()
      guard take(":") else { throw Fault(reason: .malformedJSON) }
      blanks()
      members.append((key, try value(depth: depth + 1)))
      blanks()
      if take("}") { return .object(members) }
      guard take(",") else { throw Fault(reason: .malformedJSON) }
      blanks()
    }
  }

  private mutating func array(_ depth: Int) throws(Fault) -> ReferenceJSON {
    var values: [ReferenceJSON] = []
    index += 1
    blanks()
    if take("]") { return .array([]) }
    while true {
      values.append(try value(depth: depth + 1))
      blanks()
      if take("]") { return .array(values) }
      guard take(",") else { throw Fault(reason: .malformedJSON) }
      blanks()
    }
  }

  private mutating func number() throws(Fault) -> String {
    let start = index
    func digits(_ reader: inout Self) throws(Fault) -> Int {
      let first = reader.index
      while let byte = reader.next, (48...57).contains(byte) { reader.index += 1 }
      if reader.index == first { throw Fault(reason: .malformedJSON) }
      return reader.index - first
    }
    _ = take("-")
    let leading = next
    let whole = try digits(&self)
    if leading == 48 && whole > 1 { throw Fault(reason: .malformedJSON) }
    if take(".") { _ = try digits(&self) }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      _ = try digits(&self)
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func string() throws(Fault) -> [UInt8] {
    index += 1
    var scalars: [UInt8] = []
    while let byte = next {
      if byte == UInt8(ascii: "\"") {
        index += 1
        return scalars
      }
      if byte < 0x20 { throw Fault(reason: .malformedJSON) }
      if byte == UInt8(ascii: "\\") {
        scalars += Array(String(Character(try escape())).utf8)
      } else {
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes[index...].makeIterator()
        guard case .valid(let encoded) = parser.parseScalar(from: &rest) else { throw Fault(reason: .invalidUTF8) }
        scalars += Array(encoded)
        index += encoded.count
      }
    }
    throw Fault(reason: .malformedJSON)
  }

  private mutating func escape() throws(Fault) -> Unicode.Scalar {
    index += 1
    let simple: [(String, Unicode.Scalar)] = [
      ("\"", "\""), ("\\", "\\"), ("/", "/"), ("b", "\u{8}"), ("f", "\u{C}"), ("n", "\n"), ("r", "\r"), ("t", "\t"),
    ]
    for (letter, scalar) in simple where take(letter) { return scalar }
    guard take("u"), let first = unit() else { throw Fault(reason: .malformedJSON) }
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take("\\u"), let second = unit(), (0xDC00...0xDFFF).contains(second) else {
      throw Fault(reason: .loneSurrogate)
    }
    // A pair always makes a scalar.
    return Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) * 0x400 + UInt32(second) - 0xDC00)!
  }

  private mutating func unit() -> UInt16? {
    guard index + 4 <= bytes.count else { return nil }
    let text = String(decoding: bytes[index..<(index + 4)], as: UTF8.self)
    guard text.utf8.count == 4, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
    index += 4
    return UInt16(text, radix: 16)
  }
}
