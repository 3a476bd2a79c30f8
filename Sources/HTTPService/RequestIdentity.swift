import Foundation
import HTTPTypes

/// The id of a request: the caller's `X-Request-Id` when it is well formed, else a new one.
package enum RequestIdentity {
  /// `offered` if it is 1 to 64 letters, digits, `-`, `_` or `.`, else a new random id.
  package static func identifier(_ offered: String?) -> String {
    if let offered, (1...64).contains(offered.utf8.count), offered.utf8.allSatisfy(isAllowed) { return offered }
    // `UUID()` opens a file for each.
    var random = SystemRandomNumberGenerator()
    let halves = (random.next() & ~0xF000 | 0x4000, random.next() >> 2 | 1 << 63)
    return UUID(uuid: unsafeBitCast((halves.0.bigEndian, halves.1.bigEndian), to: uuid_t.self)).uuidString.lowercased()
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

extension HTTPField.Name {
  package static let requestID = HTTPField.Name("X-Request-Id")!
}
