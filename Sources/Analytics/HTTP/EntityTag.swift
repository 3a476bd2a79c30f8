import HTTPTypes
import Hummingbird

/// Conditional requests: an answer gets a tag of what it says, and is not sent again to who has it.
struct EntityTag {
  let text: String

  /// FNV-1a, 64 bit, over the parts that make up the answer; timings must not be among them.
  init(_ parts: String...) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01b3
    }
    text = "W/\"\(String(hash, radix: 36))\""
  }

  /// The response with this tag, or 304 in its place when the request says it has it. Only GET and HEAD are conditional.
  func applied(to response: Response, for request: Request) -> Response {
    guard request.method == .get || request.method == .head else { return response }
    var response = response
    response.headers[.eTag] = text
    let known = request.headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
      .map { $0.trimmingPrefix(" ") }
    guard known.contains(where: { $0 == text[...] || $0 == "*" }) else { return response }
    response.headers[.contentType] = nil
    response.headers[.contentLength] = nil
    response.headers[.contentDisposition] = nil
    return Response(status: .notModified, headers: response.headers)
  }
}
