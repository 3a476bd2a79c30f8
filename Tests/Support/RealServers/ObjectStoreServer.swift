import Foundation
import FoundationNetworking
import ObjectStore
import Testing

/// The S3 store named in the environment.
package enum ObjectStoreServer {
  package static let defaultSecret = "kartoteka-local-secret"

  /// Fails the test if `S3_ENDPOINT` is not set: an integration test that does not run must not look as if it passed.
  package static func configuration(
    endpoint: String? = nil, secret: String? = nil,
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> ObjectStoreConfiguration {
    let named = try #require(
      endpoint ?? environment["S3_ENDPOINT"], "S3_ENDPOINT is not set; run the integration tests with `make test`")
    return try ObjectStoreConfiguration(
      endpoint: named, accessKey: environment["S3_ACCESS_KEY"] ?? "kartoteka",
      secretKey: secret ?? environment["S3_SECRET_KEY"] ?? defaultSecret,
      region: environment["S3_REGION"] ?? "us-east-1")
  }

  package static var bucket: String { ProcessInfo.processInfo.environment["S3_BUCKET_CARDS"] ?? "cards" }

  /// Runs `body` with a store and a prefix for keys that no other test has; deletes what is left there.
  package static func withStore(_ body: (ObjectStore, String) async throws -> Void) async throws {
    let store = try ObjectStore(configuration(), bucket: bucket)
    defer { store.close() }
    let prefix = "test-\(UUID().uuidString.prefix(8).lowercased())/"
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(store, prefix))
    } catch {
      result = .failure(error)
    }
    _ = try? await store.delete(store.keys(prefix))
    try result.get()
  }
}

extension ObjectStore {
  /// All keys of a prefix.
  package func keys(_ prefix: String, page: Int = ObjectStore.keysPerRequest) async throws(ObjectStoreError) -> [String]
  {
    var found: [String] = []
    var next: String?
    repeat {
      let listing = try await list(prefix: prefix, continuation: next, limit: page)
      found += listing.entries.map(\.key)
      next = listing.continuation
    } while next != nil
    return found
  }
}

/// A request as a browser would make it, with a URL that somebody else signed.
package enum PlainRequest {
  package static func send(
    _ method: String, _ url: String, headers: [String: String] = [:], body: [UInt8]? = nil
  ) async throws -> (status: Int, body: [UInt8], contentType: String) {
    var request = URLRequest(url: try #require(URL(string: url)))
    request.httpMethod = method
    for (name, value) in headers where name != "content-length" { request.setValue(value, forHTTPHeaderField: name) }
    request.httpBody = body.map { Data($0) }
    request.timeoutInterval = 30
    let (data, response) = try await URLSession.shared.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    return (answer.statusCode, [UInt8](data), answer.value(forHTTPHeaderField: "Content-Type") ?? "")
  }
}
