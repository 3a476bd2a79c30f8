/// A value that must not be printed: every textual form of it is dots.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The value itself, to hand to whoever authenticates with it.
  package let revealed: String

  package init(_ value: String) {
    revealed = value
  }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }

  /// Whether `candidate` is this secret, in a time that depends on the candidate's length only.
  package func matches(_ candidate: some StringProtocol) -> Bool {
    var (own, candidate) = (revealed, String(candidate))
    return own.withUTF8 { own in
      candidate.withUTF8 { candidate in
        var difference = own.isEmpty || own.count != candidate.count ? UInt8(1) : 0
        for index in candidate.indices {
          difference |= candidate[index] ^ (own.isEmpty ? 0 : own[index % own.count])
        }
        return difference == 0
      }
    }
  }
}
