/// Why an upload cannot become a card's image.
enum ImageRefusal: Error, Equatable {
  /// Not a key that an upload of this person can have; nothing was looked up.
  case notAnUpload
  case notYours
  case missing
  case tooLarge(Int)
  /// The bytes are not what the upload was announced as.
  case otherType(announced: String)

  var message: String {
    switch self {
    case .notAnUpload:
      "must be the object_key of an upload (temp/…/uploads/….png), or this side's own image as it is"
    case .notYours: "is an upload of somebody else"
    case .missing: "is an upload that has not arrived, was used already, or is older than a day"
    case .tooLarge(let bytes): "has \(bytes) bytes; an image has from 1 to \(ImageType.largestBytes)"
    case .otherType(let announced): "is not the \(announced) it was announced as"
    }
  }
}
