/// Part of a bucket's objects, in the order of their keys' bytes.
package struct ObjectListing: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package let key: String
    /// In bytes.
    package let size: Int
    /// Without its quotes; of an object that was written in one piece it is the MD5 of the bytes, in most stores.
    package let etag: String
  }

  package let entries: [Entry]
  /// Where to go on; nil at the end.
  package let continuation: String?
}

/// An object that a bulk delete did not delete.
package struct ObjectRefusal: Sendable, Equatable {
  package let key: String
  /// S3's code.
  package let code: String

  package init(key: String, code: String) {
    self.key = key
    self.code = code
  }
}

extension ObjectStore {
  /// How many keys S3 takes in one request.
  package static var keysPerRequest: Int { 1000 }

  /// The objects whose keys begin with a prefix, a page of them.
  /// - Parameters:
  ///   - continuation: of the page before.
  ///   - limit: of the page, 1 to 1000; the store may give fewer.
  package func list(
    prefix: String = "", continuation: String? = nil, limit: Int = ObjectStore.keysPerRequest,
    deadline: ContinuousClock.Instant? = nil
  ) async throws(ObjectStoreError) -> ObjectListing {
    precondition((1...Self.keysPerRequest).contains(limit), "a page that S3 gives")
    var request = S3Request(
      method: .get, path: bucketPath, query: [("list-type", "2"), ("prefix", prefix), ("max-keys", String(limit))])
    if let continuation { request.query.append(("continuation-token", continuation)) }
    let root = try await read(request, expecting: "ListBucketResult", deadline)
    var entries: [ObjectListing.Entry] = []
    for element in root.all("Contents") {
      guard let key = element["Key"]?.text, let size = element["Size"].flatMap({ Int($0.text) }) else {
        throw .protocolViolation("an entry of the listing has no key or no size")
      }
      let etag = element["ETag"]?.text.filter { $0 != "\"" } ?? ""
      entries.append(.init(key: key, size: size, etag: etag))
    }
    guard root["IsTruncated"]?.text == "true" else { return ObjectListing(entries: entries, continuation: nil) }
    guard let next = root["NextContinuationToken"]?.text, !next.isEmpty, next != continuation else {
      throw .protocolViolation("the listing goes on, but does not say where")
    }
    return ObjectListing(entries: entries, continuation: next)
  }

  /// Deletes objects, a thousand a request; those that are not there are as good as deleted.
  /// - Returns: those that the store refused to delete. An error that is thrown says nothing of how far it came.
  package func delete(
    _ keys: [String], deadline: ContinuousClock.Instant? = nil
  ) async throws(ObjectStoreError) -> [ObjectRefusal] {
    let end = deadline ?? .now + configuration.requestTimeout
    var refused: [ObjectRefusal] = []
    for key in keys { _ = try ObjectKey(key) }
    for start in stride(from: 0, to: keys.count, by: Self.keysPerRequest) {
      refused += try await deletePart(keys[start..<min(start + Self.keysPerRequest, keys.count)], end)
    }
    return refused
  }

  private func deletePart(
    _ keys: ArraySlice<String>, _ deadline: ContinuousClock.Instant
  ) async throws(ObjectStoreError) -> [ObjectRefusal] {
    let objects = keys.map { "<Object>\(XMLElement.text("Key", $0))</Object>" }.joined()
    let request = xmlRequest(
      .post, query: "delete",
      "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>\(objects)</Delete>")
    return try await read(request, expecting: "DeleteResult", deadline).all("Error").compactMap { error in
      let (key, code) = (error["Key"]?.text ?? "", error["Code"]?.text ?? "")
      return code == "NoSuchKey" ? nil : ObjectRefusal(key: key, code: code)
    }
  }
}
