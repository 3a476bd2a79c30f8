/// The kinds of images that cards may have. SVG is none of them: it can carry scripts.
package enum ImageType: String, Sendable, CaseIterable {
  case png, jpeg, webp, gif

  /// The largest image, in bytes.
  package static let largestBytes = 5 << 20
  /// How many bytes at the beginning tell the kind.
  package static let signatureBytes = 12

  package var contentType: String { "image/\(rawValue)" }

  /// At the end of an object's key.
  package var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

  /// What names of such files may end with.
  package var fileExtensions: [String] { self == .jpeg ? ["jpg", "jpeg"] : [rawValue] }

  package init?(fileExtension: Substring) {
    guard let type = Self.allCases.first(where: { $0.fileExtension == fileExtension }) else { return nil }
    self = type
  }

  /// What the bytes begin like, whatever they are called.
  package init?(beginning bytes: [UInt8]) {
    func begins(_ signature: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + signature.count && bytes[offset..<offset + signature.count].elementsEqual(signature)
    }
    if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if begins([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if begins(Array("RIFF".utf8)), begins(Array("WEBP".utf8), at: 8) {
      self = .webp
    } else if begins(Array("GIF87a".utf8)) || begins(Array("GIF89a".utf8)) {
      self = .gif
    } else {
      return nil
    }
  }
}
