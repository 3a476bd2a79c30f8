/// Where a request goes: `/decks/decks/7?q=x` is `/api/decks/7?q=x` of the decks. Read once, so that what is checked is what
/// is sent.
package struct RequestTarget: Equatable {
  package enum Destination: Equatable {
    /// `/health/…` and `/metrics` are the gateway's own.
    case own
    /// `uri` is what the service is asked for, the query included.
    case upstream(UpstreamName, uri: String)
    /// No service of that name, or nothing of it that is for the world.
    case nowhere
  }

  package let destination: Destination

  /// Parts of services that only services, or who looks after them, may ask for: `/api/{this}` and all below.
  private static let inner: [StaticString] = ["internal", "verify_user", "metrics", "health"]

  package init(_ text: String) throws(TargetProblem) {
    var text = text
    let path: Path
    do {
      path = try text.withUTF8 { bytes in try Path(bytes) }
    } catch let problem as TargetProblem {
      throw problem
    } catch {
      preconditionFailure("a path fails with a TargetProblem only")
    }
    if path.isOwn {
      destination = .own
    } else if let service = path.service, !path.isInner {
      let rest = text[text.utf8.index(text.utf8.startIndex, offsetBy: path.restStart)...]
      destination = .upstream(service, uri: "/api" + rest)
    } else {
      destination = .nowhere
    }
  }

  /// What is known of a path after one walk over its bytes.
  private struct Path {
    private(set) var service: UpstreamName?
    private(set) var isOwn = false
    private(set) var isInner = false
    /// The offset behind the first segment.
    private(set) var restStart = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws {
      guard bytes.first == UInt8(ascii: "/") else { throw TargetProblem.notAPath }
      var index = 1
      var number = 0
      while true {
        let start = index
        var isEncoded = false
        while index < bytes.count, bytes[index] != UInt8(ascii: "/"), bytes[index] != UInt8(ascii: "?") {
          guard Self.isAllowed(bytes[index]) else { throw TargetProblem.character }
          if bytes[index] == UInt8(ascii: "%") {
            try Self.checkEscape(bytes, index)
            isEncoded = true
          }
          index += 1
        }
        let isLast = index == bytes.count || bytes[index] == UInt8(ascii: "?")
        try take(UnsafeBufferPointer(rebasing: bytes[start..<index]), isEncoded, number, isLast)
        if number == 0 { restStart = index }
        if isLast { break }
        index += 1
        number += 1
      }
      while index < bytes.count {
        // What a query holds beyond that is its service's to judge.
        guard bytes[index] > 0x20, bytes[index] != 0x7f, bytes[index] != UInt8(ascii: "#") else {
          throw TargetProblem.character
        }
        index += 1
      }
    }

    private mutating func take(
      _ raw: UnsafeBufferPointer<UInt8>, _ isEncoded: Bool, _ number: Int, _ isLast: Bool
    ) throws {
      if raw.isEmpty {
        guard isLast else { throw TargetProblem.emptySegment }
        return
      }
      guard isEncoded || number < 2 || raw[0] == UInt8(ascii: ".") else { return }
      let segment = isEncoded ? Self.decoded(raw) : Array(raw)
      if segment == [46] || segment == [46, 46] { throw TargetProblem.dotSegment }
      switch number {
      case 0:
        // A service's name is written plainly.
        if !isEncoded {
          let name = String(decoding: segment, as: UTF8.self)
          service = UpstreamName(rawValue: name)
          isOwn = name == "health" || (name == "metrics" && isLast)
        }
      case 1:
        let name = segment.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        isInner = RequestTarget.inner.contains { $0.withUTF8Buffer { name.elementsEqual($0) } }
      default: break
      }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
      byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "#")
    }

    private static func checkEscape(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) throws {
      guard index + 2 < bytes.count, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) else {
        throw TargetProblem.encoding
      }
      let byte = high << 4 | low
      guard byte >= 0x20, byte != 0x7f, byte != UInt8(ascii: "/"), byte != UInt8(ascii: "\\") else {
        throw TargetProblem.encodedSeparator
      }
    }

    /// Of a segment whose escapes have been checked.
    private static func decoded(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
      var bytes: [UInt8] = []
      var index = 0
      while index < raw.count {
        if raw[index] == UInt8(ascii: "%"), let high = digit(raw[index + 1]), let low = digit(raw[index + 2]) {
          bytes.append(high << 4 | low)
          index += 3
        } else {
          bytes.append(raw[index])
          index += 1
        }
      }
      return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case 48...57: byte - 48
      case 65...70: byte - 55
      case 97...102: byte - 87
      default: nil
      }
    }
  }
}
