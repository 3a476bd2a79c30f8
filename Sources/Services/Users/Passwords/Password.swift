import CSodium

/// A password as it was typed: no character is changed, trimmed or dropped. Every textual form of it is dots.
///
/// Its bytes lie in memory that is kept out of swap and core dumps where the system allows that, cannot be written, and is
/// wiped at the end. (The text it came in is the caller's: Swift's strings cannot be wiped.)
/// `@unchecked`: the bytes are written before anybody else sees the object, and never again.
package final class Password: @unchecked Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let bytes: UnsafeRawBufferPointer
  /// How many Unicode scalars it has. NUL is one like all others.
  package let length: Int

  package init(_ typed: String) {
    Sodium.prepare()
    let count = typed.utf8.count
    guard let memory = sodium_malloc(max(1, count)) else { preconditionFailure("no memory for a password") }
    let writable = UnsafeMutableRawBufferPointer(start: memory, count: count)
    writable.copyBytes(from: typed.utf8)
    sodium_mprotect_readonly(memory)
    bytes = UnsafeRawBufferPointer(writable)
    length = typed.unicodeScalars.count
  }

  deinit {
    // Wipes it first.
    sodium_free(UnsafeMutableRawPointer(mutating: bytes.baseAddress))
  }

  /// Lends the UTF-8 bytes, without a NUL at their end; one that was typed is among them.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<CChar>) -> Result) -> Result {
    bytes.withMemoryRebound(to: CChar.self, body)
  }

  /// The text once more, to be compared and let go.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
