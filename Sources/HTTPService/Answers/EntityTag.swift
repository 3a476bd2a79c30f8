import HTTPTypes
import Hummingbird

/// Conditional requests: an answer gets a tag of what it says, and is not sent again to who has it.
package struct EntityTag: Sendable, Equatable {
  package let text: String

  /// A weak tag over the parts that make up the answer; timings must not be among them.
  package init(_ parts: String...) {
    var hash = FNV1a()
    for part in parts {
      hash.combine(part.utf8)
      hash.combine(CollectionOfOne(0xFF))
    }
    text = "W/\"\(String(hash.value, radix: 36))\""
  }

  /// A strong tag of something that counts its changes; it can be asked for by `If-Match`.
  package init(version: Int64) {
    text = "\"v\(version)\""
  }

  /// The same of an answer that changes with something else too, as the addresses in it do with time. `If-Match` asks for the
  /// version alone.
  package init(version: Int64, variant: Int) {
    text = "\"v\(version).\(variant)\""
  }

  /// Whether the request says that it has what this tag is of.
  package func isKnown(to request: Request) -> Bool {
    request.headers.contains { field in
      field.name == .ifNoneMatch
        && Self.items(field.value).contains { $0 == "*" || Self.opaque($0) == Self.opaque(text[...]) }
    }
  }

  /// What `If-Match` compares: all but the variant.
  static func version(of text: String) -> Substring {
    text.dropLast(text.hasSuffix("\"") ? 1 : 0).prefix { $0 != "." }
  }

  /// The response with this tag, or 304 in its place when the request says it has it. Only GET and HEAD are conditional.
  package func applied(to response: Response, for request: Request) -> Response {
    guard request.method == .get || request.method == .head else { return response }
    var response = response
    response.headers[.eTag] = text
    guard isKnown(to: request) else { return response }
    response.headers[.contentType] = nil
    response.headers[.contentLength] = nil
    response.headers[.contentDisposition] = nil
    return Response(status: .notModified, headers: response.headers)
  }

  /// What is compared: whether tags name the same thing, whatever may have been done to the bytes (RFC 9110, 8.8.3.2).
  private static func opaque(_ text: Substring) -> Substring { text.hasPrefix("W/") ? text.dropFirst(2) : text }

  /// The items of a header that lists tags. None of our tags has a comma in it.
  static func items(_ value: String) -> [Substring] {
    value.utf8.split(separator: UInt8(ascii: ",")).map { item in
      Substring(item.drop(while: isBlank).prefix { !isBlank($0) })
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
