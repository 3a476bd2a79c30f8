import Digests
import HTTPService

/// A row's place in a list that is newest first, ties by id.
package struct PagePlace: Sendable, Equatable {
  /// As the database orders by it, microseconds since the Unix epoch say: to the last digit, or rows are lost between pages.
  package let position: Int64
  package let id: Int64

  package init(position: Int64, id: Int64) {
    self.position = position
    self.id = id
  }
}

/// Where the next page starts, as its reader carries it: a version, the place, and a sum over both and the list they are of.
///
/// The sum is no signature, and needs none: a place says only where to go on in a list of which every page shows what its
/// reader may see, so who makes one up sees no more than who turns pages. It tells a cursor of another list or filter, and one
/// that was cut or altered; and any instance of a service reads it, before and after a secret was changed.
struct PageCursor {
  private static let version: UInt8 = 1
  private static let byteCount = 25
  private let list: String

  /// - Parameter list: the list's name and all that decides which rows it has.
  init(list: [String]) {
    self.list = list.map { "\($0.utf8.count):\($0)" }.joined()
  }

  func text(_ place: PagePlace) -> String {
    var bytes: [UInt8] = [Self.version]
    for word in [UInt64(bitPattern: place.position), UInt64(bitPattern: place.id)] { bytes += Self.bytes(of: word) }
    bytes += Self.bytes(of: sum(bytes))
    return Base64URL.encoded(bytes)
  }

  /// Nil for what is no cursor of this list.
  func place(_ text: String) -> PagePlace? {
    guard let bytes = Base64URL.decoded(text.utf8), bytes.count == Self.byteCount, bytes[0] == Self.version,
      Self.word(bytes[17..<25]) == sum(Array(bytes[..<17]))
    else { return nil }
    return PagePlace(
      position: Int64(bitPattern: Self.word(bytes[1..<9])), id: Int64(bitPattern: Self.word(bytes[9..<17])))
  }

  private func sum(_ bytes: [UInt8]) -> UInt64 {
    var hash = FNV1a()
    hash.combine(list.utf8)
    hash.combine(bytes)
    return hash.value
  }

  private static func bytes(of word: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
