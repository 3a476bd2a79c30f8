import CivilTime
import HTTPClient

/// What somebody without keys needs to upload one object.
package struct PresignedUpload: Sendable, Equatable {
  package let url: String
  /// To be sent with the PUT, as they are: they are signed. Browsers set `content-length` themselves.
  package let headers: [String: String]
}

extension ObjectStore {
  /// How long a presigned URL may hold, S3's own bounds.
  package static var expiryBounds: ClosedRange<Duration> { .seconds(1) ... .seconds(7 * 86400) }

  /// A URL by which anybody may read an object until it expires. Made here, without asking the store: the object may not exist.
  /// - Parameters:
  ///   - expiresIn: whole seconds; what is left over is cut off.
  ///   - signed: from when on it holds, now if nil; signed for one moment, an object's URL stays the same.
  package func presignedGet(
    _ key: String, expiresIn: Duration, signed: Instant? = nil
  ) throws(ObjectStoreError) -> String {
    try presigned(.get, key, headers: [:], expiresIn, signed)
  }

  /// The URL of an object for who needs no signature; where presigned ones begin.
  package func plainURL(_ key: String) throws(ObjectStoreError) -> String {
    "\(configuration.endpoint)\(path(try ObjectKey(key)))"
  }

  /// A URL by which anybody may write an object until it expires, again and again, with this type and this many bytes: both are
  /// signed. How strictly the length is checked is the store's affair, so look at the object before it is used.
  package func presignedPut(
    _ key: String, contentType: String, contentLength: Int, expiresIn: Duration
  ) throws(ObjectStoreError) -> PresignedUpload {
    guard contentLength >= 0 else { throw .invalidRequest("a length is not negative") }
    let headers = ["content-length": String(contentLength), "content-type": try Self.headerValue(contentType)]
    return PresignedUpload(url: try presigned(.put, key, headers: headers, expiresIn, nil), headers: headers)
  }

  private func presigned(
    _ method: HTTPRequest.Method, _ key: String, headers: [String: String], _ expiresIn: Duration, _ signed: Instant?
  ) throws(ObjectStoreError) -> String {
    guard Self.expiryBounds.contains(expiresIn) else {
      throw .invalidRequest("a presigned URL holds from a second to seven days")
    }
    let path = path(try ObjectKey(key))
    let subject = SignatureV4.Subject(
      method: method, path: path, headers: [("host", configuration.host)] + headers.map { ($0.key, $0.value) },
      payload: SignatureV4.unsignedPayload)
    let query = configuration.signer.presignedQuery(
      subject, at: signed ?? clock(), expiresIn: Int(expiresIn.components.seconds))
    return "\(configuration.endpoint)\(path)?\(query)"
  }
}
