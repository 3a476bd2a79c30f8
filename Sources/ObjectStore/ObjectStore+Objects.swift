import HTTPClient

/// What is known of an object without its bytes.
package struct ObjectInfo: Sendable, Equatable {
  /// The object's size in bytes, also where only a part of it was asked for.
  package let size: Int
  package let contentType: String
  /// In quotes, as HTTP has it; changes when the bytes do.
  package let etag: String

  package init(size: Int, contentType: String, etag: String) {
    self.size = size
    self.contentType = contentType
    self.etag = etag
  }
}

/// An object, or the part of it that was asked for.
package struct StoredObject: Sendable, Equatable {
  package let info: ObjectInfo
  package let bytes: [UInt8]
}

extension ObjectStore {
  /// An object's bytes.
  /// - Parameters:
  ///   - range: only these; it may reach beyond the object's end, but not begin there.
  ///   - limit: the most bytes taken; more is `.tooLarge`.
  ///   - deadline: `requestTimeout` of the configuration from now if nil.
  package func get(
    _ key: String, range: Range<Int>? = nil, limit: Int = 16 << 20, deadline: ContinuousClock.Instant? = nil
  ) async throws(ObjectStoreError) -> StoredObject {
    var request = S3Request(method: .get, path: path(try ObjectKey(key)), answerLimit: limit)
    if let range {
      guard range.lowerBound >= 0, !range.isEmpty else { throw .invalidRequest("a range has bytes in it") }
      request.headers = [("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
    }
    let answer = try await send(request, deadline)
    guard let range else {
      return StoredObject(info: try Self.info(answer, size: answer.body.count), bytes: answer.body)
    }
    guard answer.status == 206, let total = answer.headers["content-range"]?.split(separator: "/").last,
      let size = Int(total), answer.body.count == min(range.upperBound, size) - range.lowerBound
    else { throw .protocolViolation("the answer is not the range that was asked for") }
    return StoredObject(info: try Self.info(answer, size: size), bytes: answer.body)
  }

  /// - Throws: `.notFound` also if there is no such bucket: the answer does not tell.
  package func head(
    _ key: String, deadline: ContinuousClock.Instant? = nil
  ) async throws(ObjectStoreError) -> ObjectInfo {
    let answer = try await send(S3Request(method: .head, path: path(try ObjectKey(key))), deadline)
    guard let size = answer.headers["content-length"].flatMap({ Int($0) }) else {
      throw .protocolViolation("the answer has no length")
    }
    return try Self.info(answer, size: size)
  }

  /// Writes an object, whole: it has the old bytes or the new ones, whatever happens. The store checks them against their
  /// SHA-256.
  /// - Returns: the ETag.
  @discardableResult
  package func put(
    _ bytes: [UInt8], _ key: String, contentType: String, deadline: ContinuousClock.Instant? = nil
  ) async throws(ObjectStoreError) -> String {
    let request = S3Request(
      method: .put, path: path(try ObjectKey(key)), headers: [("content-type", try Self.headerValue(contentType))],
      body: bytes)
    return try await send(request, deadline).headers["etag"] ?? ""
  }

  /// Copies an object within the bucket, content type included; its bytes stay in the store.
  package func copy(
    _ source: String, to target: String, deadline: ContinuousClock.Instant? = nil
  ) async throws(ObjectStoreError) {
    let from = path(try ObjectKey(source))
    let request = S3Request(
      method: .put, path: path(try ObjectKey(target)), headers: [("x-amz-copy-source", from)])
    _ = try await read(request, expecting: "CopyObjectResult", deadline)
  }

  /// Deletes an object; that there was none is as good.
  package func delete(
    _ key: String, deadline: ContinuousClock.Instant? = nil
  ) async throws(ObjectStoreError) {
    do throws(ObjectStoreError) {
      _ = try await send(S3Request(method: .delete, path: path(try ObjectKey(key))), deadline)
    } catch {
      guard error == .notFound else { throw error }
    }
  }

  /// A header's value: a line break in it would begin another header.
  static func headerValue(_ text: String) throws(ObjectStoreError) -> String {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else {
      throw .invalidRequest("a content type is printable ASCII")
    }
    return text
  }

  private static func info(_ answer: S3Answer, size: Int) throws(ObjectStoreError) -> ObjectInfo {
    guard let etag = answer.headers["etag"] else { throw .protocolViolation("the answer has no ETag") }
    return ObjectInfo(size: size, contentType: answer.headers["content-type"] ?? "", etag: etag)
  }
}
