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
    let own = Array(revealed.utf8)
    var difference = own.isEmpty || own.count != candidate.utf8.count ? UInt8(1) : 0
    for (index, byte) in candidate.utf8.enumerated() {
      difference |= byte ^ (own.isEmpty ? 0 : own[index % own.count])
    }
    return difference == 0
  }
}
