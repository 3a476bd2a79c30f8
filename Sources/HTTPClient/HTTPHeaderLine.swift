import Glibc

/// One line of an answer's head, as an ``HTTPExchange`` is handed it.
package struct HTTPHeaderLine {
  package typealias Bytes = Slice<UnsafeRawBufferPointer>

  package enum Kind {
    /// The first line: a head begins, also after one of an interim answer (100).
    case status(Int)
    /// The head has ended.
    case end
    case field(name: Bytes, value: Bytes)
    /// None of these; to be passed over.
    case other
  }

  package let kind: Kind

  package init(_ line: UnsafeRawBufferPointer) {
    if line.starts(with: "HTTP/".utf8) {
      let code = line.drop { $0 != UInt8(ascii: " ") }.dropFirst().prefix(3)
      kind = .status(Int(String(decoding: code, as: UTF8.self)) ?? 0)
    } else if line.elementsEqual("\r\n".utf8) {
      kind = .end
    } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
      var value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
      while let last = value.last, last <= UInt8(ascii: " ") { value.removeLast() }
      kind = .field(name: line[..<colon], value: value)
    } else {
      kind = .other
    }
  }

  /// Whether a field has that name, in whatever case.
  package static func isNamed(_ name: Bytes, _ wanted: StaticString) -> Bool {
    guard name.count == wanted.utf8CodeUnitCount, let start = name.base.baseAddress else { return false }
    let field = (start + name.startIndex).assumingMemoryBound(to: CChar.self)
    return strncasecmp(field, UnsafeRawPointer(wanted.utf8Start).assumingMemoryBound(to: CChar.self), name.count) == 0
  }
}
