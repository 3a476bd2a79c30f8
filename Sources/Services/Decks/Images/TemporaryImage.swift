import Foundation

/// What a person has uploaded and no card has yet: `temp/{person}/uploads/{uuid}.{ext}`. The store deletes it after a day.
package struct TemporaryImage: Sendable, Hashable {
  /// With which all their keys begin.
  package static let prefix = "temp/"

  package let person: Int64
  package let id: UUID
  package let type: ImageType

  package var key: String { "\(Self.prefix)\(person)/uploads/\(id.uuidString.lowercased()).\(type.fileExtension)" }

  package init(person: Int64, id: UUID, type: ImageType) {
    self.person = person
    self.id = id
    self.type = type
  }

  /// Nil for what is no such key, written as ``key`` writes it: nothing else of a request ever names an object.
  package init?(key: String) {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, let person = Int64(parts[1]) else { return nil }
    let name = parts[3].split(separator: ".", omittingEmptySubsequences: false)
    guard name.count == 2, let id = UUID(uuidString: String(name[0])), let type = ImageType(fileExtension: name[1])
    else { return nil }
    self.init(person: person, id: id, type: type)
    guard person > 0, self.key.utf8.elementsEqual(key.utf8) else { return nil }
  }
}
