/// A fault in the text of a message. Scanning functions return the index after what they read, or a fault and its place
/// packed into a negative number: two words in a register, and one test for both.
enum TextFault: Int {
  case malformed, utf8, surrogate, depth, nonFinite

  @inline(__always) func at(_ index: Int) -> Int { -1 &- (index &<< 3 | rawValue) }

  static func unpack(_ packed: Int) -> (reason: Reason, index: Int) {
    let bits = -1 - packed
    let reason: Reason =
      switch TextFault(rawValue: bits & 7) {
      case .utf8: .invalidUTF8
      case .surrogate: .loneSurrogate
      case .depth: .tooDeep
      case .nonFinite: .nonFiniteNumber
      case .malformed, nil: .malformedJSON
      }
    return (reason, bits >> 3)
  }
}
