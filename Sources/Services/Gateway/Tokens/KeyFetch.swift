import Blocking
import HTTPClient
import ServiceContract

/// Fetches the keys that auth publishes. Blocks.
package struct KeyFetch: Sendable {
  private static let timeoutMs = 2_000
  private static let limit = 64 << 10

  private let url: String

  /// - Parameter auth: auth's base URL.
  package init(auth: UpstreamAddress) {
    url = "http://\(auth.authority)\(JSONWebKeySet.path)"
  }

  package func keys(_ cancellation: CancellationFlag) -> JSONWebKeySet? {
    let http = HTTPConnection(connectTimeoutMs: Self.timeoutMs, receiveBytes: 16 << 10, sendBytes: 16 << 10)
    let answer = KeyAnswer(limit: Self.limit)
    let request = HTTPRequest(
      .get, url, headers: HTTPHeaders(["Accept: application/json"]), timeoutMs: Self.timeoutMs)
    guard case .answered = http.perform(request, answer, cancellation: cancellation), answer.status == 200,
      let keys = try? JSONWebKeySet(json: answer.body), !keys.keys.isEmpty
    else { return nil }
    return keys
  }
}

private final class KeyAnswer: HTTPExchange {
  private let limit: Int
  private(set) var status = 0
  private(set) var body: [UInt8] = []

  init(limit: Int) {
    self.limit = limit
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int { 0 }

  func header(_ line: UnsafeRawBufferPointer) {
    if case .status(let code) = HTTPHeaderLine(line).kind { status = code }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= limit else { return false }
    body.append(contentsOf: bytes)
    return true
  }
}
