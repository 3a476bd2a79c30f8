/// Why a request to the object store failed, told apart by what the caller knows afterwards. No text of it holds an address
/// or a key of access.
///
/// Every operation of ``ObjectStore`` may be repeated by the caller after any of these: each leaves the store as one of them
/// would. But two writers of one object are two writers: the later one wins, also where it is a repetition.
package enum ObjectStoreError: Error, Sendable, Equatable {
  /// The store refused: S3's code (`AccessDenied`, `SignatureDoesNotMatch`, `NoSuchBucket`, `SlowDown`, …; `HTTP 403` and the
  /// like where it says none), the status, its words.
  case server(code: String, status: Int, message: String)
  /// There is no such object.
  case notFound
  /// The object is larger than the caller takes.
  case tooLarge(limit: Int)
  /// A request that cannot be made, as one with a key that S3 cannot hold or that would not survive the way there.
  case invalidRequest(String)
  /// No connection came about: the store has seen nothing of the request.
  case connection(String)
  /// The connection broke after the request had begun: it may or may not have been done.
  case interrupted(String)
  /// The deadline passed. A request already sent may still be done.
  case deadlineExceeded
  /// So much waits for a connection already that the request would not be answered by its deadline; nothing was sent.
  /// `retryAfter`: when that should have changed.
  case overloaded(retryAfter: Duration)
  /// The caller cancelled, or the client was closed. A request already sent may still be done.
  case cancelled
  /// The peer does not speak S3 as expected.
  case protocolViolation(String)

  /// True if nothing is wrong with the request, but the store is away or busy: the same may be done later.
  package var isUnavailability: Bool {
    switch self {
    case .connection, .interrupted, .deadlineExceeded, .overloaded: true
    case .server(let code, let status, _): status >= 500 || status == 429 || code == "RequestTimeout"
    case .notFound, .tooLarge, .invalidRequest, .cancelled, .protocolViolation: false
    }
  }
}

extension ObjectStoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .server(let code, let status, let message): "S3 error \(code) (status \(status)): \(message)"
    case .notFound: "there is no such object in S3"
    case .tooLarge(let limit): "the object in S3 is larger than \(limit) bytes"
    case .invalidRequest(let text): "this cannot be asked of S3: \(text)"
    case .connection(let text): "cannot connect to S3: \(text)"
    case .interrupted(let text): "the exchange with S3 broke off, its outcome is unknown: \(text)"
    case .deadlineExceeded: "S3 did not answer by the deadline"
    case .overloaded: "too many requests wait for a connection to S3; nothing was sent"
    case .cancelled: "the request to S3 was cancelled"
    case .protocolViolation(let text): "unexpected data from S3: \(text)"
    }
  }
}
