import HTTPClient

/// The name of an object within its bucket: any Unicode, but nothing that stores or what is between would change. Slashes are
/// characters like others, `+`, `%`, `?` and blanks too.
package struct ObjectKey {
  /// S3's own bound, in bytes of UTF-8.
  package static let longest = 1024

  package let text: String
  /// As it stands in a URL's path and in what is signed.
  package let encoded: String

  package init(_ text: String) throws(ObjectStoreError) {
    guard !text.isEmpty else { throw .invalidRequest("the key is empty") }
    guard text.utf8.count <= Self.longest else { throw .invalidRequest("the key is longer than \(Self.longest) bytes") }
    guard text.unicodeScalars.allSatisfy(Self.survives) else {
      throw .invalidRequest("the key has a control character or a noncharacter, which S3's XML cannot hold")
    }
    guard !text.contains("\\") else {
      throw .invalidRequest("the key has a backslash, which SeaweedFS takes for a slash")
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
      throw .invalidRequest("the key has an empty part, . or .. between slashes, which would be changed on the way")
    }
    self.text = text
    encoded = PercentEncoding.encoded(text, keepingSlashes: true)
  }

  private static func survives(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0xfffe, 0xffff: false
    default: true
    }
  }
}
