import HTTPService
import NIOHTTP1

/// How long a request's body is. What is sent on says so in one way, and only in that.
package enum BodyFraming: Equatable {
  case none
  case length(Int)
  case chunked

  /// - Throws: 400 for what could be read in two ways; the parser lets none of it through, and it is looked at twice.
  package init(_ head: HTTPRequestHead) throws(RequestFailure) {
    let lengths = head.headers["content-length"]
    let encodings = head.headers["transfer-encoding"]
    guard lengths.count + encodings.count <= 1 else {
      throw Self.ambiguous("Content-Length or Transfer-Encoding stands there more than once, or both do.")
    }
    if let encoding = encodings.first {
      guard head.version.minor >= 1, FieldName.isSame(encoding, "chunked") else {
        throw Self.ambiguous("Transfer-Encoding may be chunked, in HTTP/1.1, and nothing else.")
      }
      self = .chunked
    } else if let length = lengths.first {
      guard (1...15).contains(length.utf8.count), length.utf8.allSatisfy({ (48...57).contains($0) }),
        let bytes = Int(length)
      else { throw Self.ambiguous("Content-Length must be digits.") }
      self = .length(bytes)
    } else {
      self = .none
    }
  }

  private static func ambiguous(_ message: String) -> RequestFailure {
    RequestFailure(.badRequest, code: "AMBIGUOUS_LENGTH", message: message)
  }
}
