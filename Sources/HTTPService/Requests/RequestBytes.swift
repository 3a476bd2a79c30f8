import HTTPTypes
import Hummingbird

/// Takes a request's body in, refusing what its head already shows to be wrong.
enum RequestBytes {
  /// - Parameter mediaTypes: those allowed; a request that names none is taken to mean the first.
  /// - Throws: 415, 413, or 400 when the body breaks off.
  static func collect(_ request: Request, _ mediaTypes: [String], limit: Int) async throws -> ByteBuffer {
    try check(request.headers, mediaTypes)
    if let announced = request.headers[.contentLength].flatMap({ Int($0) }), announced > limit { throw tooLarge(limit) }
    do {
      return try await request.body.collect(upTo: limit)
    } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
      throw tooLarge(limit)
    } catch let error as CancellationError {
      throw error
    } catch {
      throw RequestFailure(.badRequest, code: "INCOMPLETE_BODY", message: "The body broke off before its end.")
    }
  }

  private static func tooLarge(_ limit: Int) -> RequestFailure {
    RequestFailure(.contentTooLarge, code: "BODY_TOO_LARGE", message: "The body may have at most \(limit) bytes.")
  }

  private static func check(_ headers: HTTPFields, _ mediaTypes: [String]) throws(RequestFailure) {
    if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
      throw unsupported("Content-Encoding", mediaTypes)
    }
    guard let header = headers[.contentType] else { return }
    let parts = header.split(separator: ";").map { $0.trimmingPrefix { $0 == " " }.lowercased() }
    guard let type = parts.first, mediaTypes.contains(String(type.prefix { $0 != " " })) else {
      throw unsupported("Content-Type", mediaTypes)
    }
    for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
      let charset = parameter.dropFirst("charset=".count).filter { $0 != "\"" && $0 != " " }
      guard charset == "utf-8" || charset == "us-ascii" else { throw unsupported("charset", mediaTypes) }
    }
  }

  private static func unsupported(_ what: String, _ mediaTypes: [String]) -> RequestFailure {
    RequestFailure(
      .unsupportedMediaType, code: "UNSUPPORTED_MEDIA_TYPE",
      message: "This \(what) is not read here; send \(mediaTypes.joined(separator: " or ")) in UTF-8, not encoded.")
  }
}
