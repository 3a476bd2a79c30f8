import Foundation
import Glibc
import JSON
import Loopback

/// A request as the stub reads it.
struct StubRequest {
  let method: String
  /// Without the query.
  let path: String
  let query: String
  let headers: [String: String]
  let body: JSONValue

  /// Segments of the path after the service's.
  var segments: [String] { path.split(separator: "/").map(String.init) }
}

/// A status and a JSON body; nil closes the connection without a word.
typealias StubAnswer = (status: Int, body: String)

/// HTTP for stubs: kept-alive connections of one client, a handler for each request.
final class StubServer: Sendable {
  private let listener: LoopbackListener
  var url: String { "http://127.0.0.1:\(listener.port)" }

  init(_ handle: @escaping @Sendable (StubRequest) -> StubAnswer?) {
    listener = LoopbackListener { connection in
      while let request = Self.read(connection), let answer = handle(request) {
        let text =
          "HTTP/1.1 \(answer.status) X\r\nContent-Length: \(answer.body.utf8.count)\r\nRetry-After: 0\r\n\r\n\(answer.body)"
        guard LoopbackListener.send(text.utf8, to: connection) else { return }
      }
    }
  }

  func stop() { listener.stop() }

  private static func read(_ connection: Int32) -> StubRequest? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let end = Array("\r\n\r\n".utf8)
    func fill() -> Bool {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return false }
      bytes += buffer[..<count]
      return true
    }
    var headEnd: Int?
    while headEnd == nil {
      guard fill() else { return nil }
      headEnd = bytes.indices.dropLast(3).first { Array(bytes[$0..<$0 + 4]) == end }
    }
    guard let headEnd else { return nil }
    let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    while bytes.count < headEnd + 4 + length { guard fill() else { return nil } }
    let first = lines[0].split(separator: " ")
    let target = first[1].split(separator: "?", maxSplits: 1)
    let body = Array(bytes[(headEnd + 4)..<(headEnd + 4 + length)])
    return StubRequest(
      method: String(first[0]), path: String(target[0]), query: target.count > 1 ? String(target[1]) : "",
      headers: headers, body: (try? JSONParser.parse(body)) ?? .null)
  }
}
