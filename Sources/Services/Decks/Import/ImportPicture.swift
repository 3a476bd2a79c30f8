/// An image that comes with a file of cards.
package struct ImportPicture: Sendable, Equatable {
  /// Of its file.
  package let name: String
  package let type: ImageType
  /// Its MD5 in hexadecimal digits, which stores name an object's bytes by.
  package let digest: String

  package init(name: String, type: ImageType, digest: String) {
    self.name = name
    self.type = type
    self.digest = digest
  }
}
