import Blocking
import CivilTime
import Foundation

/// One bucket of an S3 store, for async code: a bounded number of connections, each on a thread of its own, behind a queue
/// that obeys deadlines. Cancelling a task ends its request within 50 ms. Nothing is repeated here; every operation may be
/// repeated by the caller, see ``ObjectStoreError``.
package final class ObjectStore: Sendable {
  package let bucket: String
  let configuration: ObjectStoreConfiguration
  let clock: @Sendable () -> Instant
  private let pool: BlockingPool<S3Connection>

  /// - Parameters:
  ///   - bucket: 3 to 63 lower-case letters, digits, dots and hyphens.
  ///   - connections: the most requests under way at once.
  ///   - queue: the most requests waiting for their turn; further ones are refused with `.overloaded`, as is one that
  ///     would not end by its deadline.
  ///   - clock: says when a request is signed; stores refuse one whose clock is some minutes off.
  /// - Throws: `.invalidRequest` if no bucket can have that name.
  package init(
    _ configuration: ObjectStoreConfiguration, bucket: String, connections: Int = 4, queue: Int = 256,
    clock: @escaping @Sendable () -> Instant = {
      Instant(milliseconds: Int((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
  ) throws(ObjectStoreError) {
    guard bucket.wholeMatch(of: /[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/) != nil else {
      throw .invalidRequest("a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens")
    }
    self.configuration = configuration
    self.bucket = bucket
    self.clock = clock
    pool = BlockingPool("s3", threads: connections, queue: queue) { S3Connection(configuration, clock: clock) }
  }

  deinit { pool.close() }

  /// Ends the connections as they become free. Waiting requests, and all later ones, fail with `.cancelled`.
  package func close() { pool.close() }

  /// How many requests run and wait, and how many were refused.
  package var load: PoolLoad { pool.load }

  func path(_ key: ObjectKey) -> String { "/\(bucket)/\(key.encoded)" }

  var bucketPath: String { "/\(bucket)" }

  func send(
    _ request: S3Request, _ deadline: ContinuousClock.Instant?
  ) async throws(ObjectStoreError) -> S3Answer {
    let end = deadline ?? .now + configuration.requestTimeout
    let result: Result<S3Answer, ObjectStoreError>
    do throws(PoolRefusal) {
      result = try await pool.run(until: end) { connection, cancellation in
        Result { () throws(ObjectStoreError) in try connection.send(request, until: end, cancellation) }
      }
    } catch {
      switch error {
      case .overloaded(let retryAfter): throw .overloaded(retryAfter: retryAfter)
      case .deadlineExceeded: throw .deadlineExceeded
      case .cancelled, .closed: throw .cancelled
      }
    }
    return try result.get()
  }

  /// Sends a request and reads its answer, which must be an element of that name.
  func read(
    _ request: S3Request, expecting name: String, _ deadline: ContinuousClock.Instant?
  ) async throws(ObjectStoreError) -> XMLElement {
    let answer = try await send(request, deadline)
    let root: XMLElement
    do throws(XMLReader.Failure) {
      root = try XMLReader.read(answer.body)
    } catch {
      throw .protocolViolation("the answer is no XML of S3: \(error.reason)")
    }
    // Some answers begin with status 200 before it is known how they end.
    if let error = ObjectStoreError(root, status: answer.status) { throw error }
    guard root.name == name else { throw .protocolViolation("the answer is no \(name)") }
    return root
  }
}
