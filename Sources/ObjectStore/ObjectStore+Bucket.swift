import Digests
import Foundation
import HTTPClient

/// Objects whose keys begin with `prefix` go by themselves, so many days after they were written.
package struct ObjectExpiry: Sendable, Equatable {
  package let prefix: String
  package let days: Int

  package init(prefix: String, days: Int) {
    precondition(days > 0, "S3 counts whole days")
    self.prefix = prefix
    self.days = days
  }
}

extension ObjectStore {
  /// Makes the bucket unless it is there.
  package func createIfMissing(deadline: ContinuousClock.Instant? = nil) async throws(ObjectStoreError) {
    let end = deadline ?? .now + configuration.requestTimeout
    do throws(ObjectStoreError) {
      _ = try await send(S3Request(method: .head, path: bucketPath), end)
      return
    } catch {
      guard error == .notFound else { throw error }
    }
    let region = configuration.signer.region
    // The first region is the one that must not be named.
    let place =
      region == "us-east-1"
      ? "" : "<CreateBucketConfiguration>\(XMLElement.text("LocationConstraint", region))</CreateBucketConfiguration>"
    do throws(ObjectStoreError) {
      _ = try await send(S3Request(method: .put, path: bucketPath, body: Array(place.utf8)), end)
    } catch {
      // Somebody else, or a request of ours that was thought lost, was first.
      if case .server(code: "BucketAlreadyOwnedByYou", _, _) = error { return }
      throw error
    }
  }

  /// Has the store delete what is old, in place of all rules that the bucket had. Stores look once a day or so.
  package func setExpiry(
    _ rules: [ObjectExpiry], deadline: ContinuousClock.Instant? = nil
  ) async throws(ObjectStoreError) {
    guard !rules.isEmpty else {
      _ = try await send(S3Request(method: .delete, path: bucketPath, query: [("lifecycle", "")]), deadline)
      return
    }
    let texts = rules.enumerated().map { number, rule in
      "<Rule>\(XMLElement.text("ID", "expire-\(number + 1)"))<Filter>\(XMLElement.text("Prefix", rule.prefix))</Filter>"
        + "<Status>Enabled</Status><Expiration>\(XMLElement.text("Days", String(rule.days)))</Expiration></Rule>"
    }
    let request = xmlRequest(
      .put, query: "lifecycle",
      "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(texts.joined())"
        + "</LifecycleConfiguration>")
    _ = try await send(request, deadline)
  }

  /// The rules that say after how many days objects go; those of other kinds are left out.
  package func expiry(deadline: ContinuousClock.Instant? = nil) async throws(ObjectStoreError) -> [ObjectExpiry] {
    let root: XMLElement
    do throws(ObjectStoreError) {
      root = try await read(
        S3Request(method: .get, path: bucketPath, query: [("lifecycle", "")]), expecting: "LifecycleConfiguration",
        deadline)
    } catch {
      if case .server(code: "NoSuchLifecycleConfiguration", _, _) = error { return [] }
      throw error
    }
    return root.all("Rule").compactMap { rule in
      guard rule["Status"]?.text == "Enabled", let days = rule["Expiration"]?["Days"].flatMap({ Int($0.text) }),
        days > 0
      else { return nil }
      let prefix = rule["Filter"]?["Prefix"] ?? rule["Filter"]?["And"]?["Prefix"] ?? rule["Prefix"]
      return ObjectExpiry(prefix: prefix?.text ?? "", days: days)
    }
  }

  /// A request about the bucket with XML in it, which S3 wants checked by its MD5.
  func xmlRequest(_ method: HTTPRequest.Method, query: String, _ xml: String) -> S3Request {
    let body = Array(xml.utf8)
    let check = Data(Digest.md5.bytes(of: body)).base64EncodedString()
    return S3Request(
      method: method, path: bucketPath, query: [(query, "")],
      headers: [("content-type", "application/xml"), ("content-md5", check)], body: body)
  }
}
