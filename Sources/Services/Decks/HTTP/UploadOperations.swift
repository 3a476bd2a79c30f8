import Foundation
import HTTPService
import ObjectStore
import ServiceContract

/// `/api/deck/uploads/presign`: where an image goes before a card has it.
struct UploadOperations: Sendable {
  private static let lifetime = Duration.seconds(3600)

  let store: ObjectStore

  func add(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/deck/uploads/presign", id: "presignUpload", "A URL for one upload of an image", tag: "images",
        access: .person, body: .json(UploadRequest.self),
        success: .json(
          as: UploadAnswer.representation, "Send the file's bytes there by PUT, with the headers, within an hour."))
    ) { call, context in
      let type = call.body.type
      let image = TemporaryImage(person: try context.caller.person(), id: UUID(), type: type)
      let upload = try store.presignedPut(
        image.key, contentType: type.contentType, contentLength: call.body.size, expiresIn: Self.lifetime)
      return Reply(UploadAnswer(url: upload.url, key: image.key, headers: upload.headers))
    }
  }
}

struct UploadRequest: RequestObject {
  struct Fields: FieldSet {
    let filename = Field(
      "filename", .text(1...255), "As the person has it; only its end is looked at, which is that of the content type.")
    let contentType = Field("content_type", .choice(of: UploadType.self))
    let size = Field("size", .integer(1...ImageType.largestBytes), "Of the file, in bytes; no other is taken.")
  }

  static let alternatives = [
    Alternatives(
      "filename", demand: "must end as its content_type asks, as a.png for image/png",
      UploadType.allCases.map { choice in
        [
          Property("content_type", .text(TextSchema(choices: [choice.rawValue]))),
          Property("filename", .text(TextSchema(rule: .name(of: choice.type)))),
        ]
      })
  ]

  let type: ImageType
  let size: Int

  init(_ given: Given<Fields>) {
    type = given.contentType.type
    size = given.size
  }
}

extension TextRule {
  /// What files of that type are called, in capitals, too.
  fileprivate static func name(of type: ImageType) -> TextRule {
    let ends = type.fileExtensions.map { $0.map { "[\($0)\($0.uppercased())]" }.joined() }
    let demand = type.fileExtensions.map { ".\($0)" }.joined(separator: " or ")
    return TextRule(pattern: "^[^\\u0000]*\\.(\(ends.joined(separator: "|")))$", demand: "must end with \(demand)") {
      name in
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count > 1 && type.fileExtensions.contains(parts[parts.count - 1].lowercased())
    }
  }
}

/// The types as requests say them.
enum UploadType: String, CaseIterable, Sendable {
  case png = "image/png"
  case jpeg = "image/jpeg"
  case webp = "image/webp"
  case gif = "image/gif"

  var type: ImageType {
    switch self {
    case .png: .png
    case .jpeg: .jpeg
    case .webp: .webp
    case .gif: .gif
    }
  }
}

struct UploadAnswer: Sendable {
  let url: String
  let key: String
  let headers: [String: String]

  static let representation = Representation<UploadAnswer>(
    .object(
      ObjectSchema(
        "Upload",
        [
          Property("put_url", .text(TextSchema())),
          Property("object_key", .text(TextSchema()), meaning: "What a card's image is set to."),
          Property("headers", .map(.text(TextSchema())), meaning: "To be sent with the PUT; they are signed."),
        ]))
  ) { upload, output in
    output.object { object in
      object.member("put_url", upload.url)
      object.member("object_key", upload.key)
      object.object("headers") { headers in
        for (name, value) in upload.headers.sorted(by: { $0.key < $1.key }) { headers.member(named: name, value) }
      }
    }
  }
}
