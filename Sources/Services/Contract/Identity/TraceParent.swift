/// Where a request belongs in a trace: the header `traceparent` of W3C Trace Context.
package struct TraceParent: Sendable, Equatable {
  /// The header as it came, to be passed on.
  package let text: String

  /// The trace's id, 32 hexadecimal digits.
  package var traceID: Substring { text.dropFirst(3).prefix(32) }

  /// Nil for what is no `traceparent` of version 00, which a receiver then does without.
  package init?(_ header: String?) {
    guard let header, header.utf8.count == 55 else { return nil }
    let parts = header.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [2, 32, 16, 2], parts[0] == "00",
      parts.allSatisfy({ $0.utf8.allSatisfy(Self.isHexadecimal) }),
      parts[1...2].allSatisfy({ $0.contains { $0 != "0" } })
    else { return nil }
    text = header
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(byte) }
}
