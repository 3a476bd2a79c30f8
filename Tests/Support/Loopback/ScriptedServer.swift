import Blocking
import Glibc

/// An HTTP server of a few lines that misbehaves as told: it listens on a free port of 127.0.0.1 and treats each
/// request by the next step of its script.
package final class ScriptedServer: Sendable {
  package enum Step: Sendable {
    /// Reads the request, answers with these bytes, keeps the connection.
    case answer(String)
    /// Reads the request, answers with these bytes, closes the connection.
    case answerAndClose(String)
    /// Reads the request, closes the connection without a word.
    case close
    /// Reads the request's headers and some of its body, then resets the connection.
    case reset
    /// Answers after the headers, without reading the body, then closes.
    case answerEarly(String)
    /// Reads the request and answers nothing until the client goes away.
    case hang
  }

  private struct State {
    var script: [Step]
    var requests: [String] = []
    var connections = 0
  }

  private let listener: LoopbackListener
  private let state: Monitor<State>

  package var url: String { "http://127.0.0.1:\(listener.port)" }
  /// The requests read so far, headers and body.
  package var requests: [String] { state.withLock { $0.requests } }
  package var connections: Int { state.withLock { $0.connections } }

  package static func ok(_ body: String, headers: String = "") -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
  }

  package init(_ script: [Step]) {
    let state = Monitor(State(script: script))
    self.state = state
    listener = LoopbackListener { connection in
      state.withLock { $0.connections += 1 }
      Self.serve(connection, state)
    }
  }

  /// Stops listening; connections end with their clients.
  package func stop() { listener.stop() }

  private static func serve(_ connection: Int32, _ state: Monitor<State>) {
    func record(_ request: String) { state.withLock { $0.requests.append(request) } }
    while let head = readHead(connection) {
      let step = state.withLock { $0.script.isEmpty ? .close : $0.script.removeFirst() }
      switch step {
      case .reset:
        record(head)
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        return
      case .answerEarly(let answer):
        record(head)
        send(answer, to: connection)
        usleep(50_000)
        return
      case .answer(let answer):
        record(head + readBody(connection, head))
        send(answer, to: connection)
      case .answerAndClose(let answer):
        record(head + readBody(connection, head))
        send(answer, to: connection)
        return
      case .close: return record(head + readBody(connection, head))
      case .hang:
        record(head + readBody(connection, head))
        var byte: UInt8 = 0
        _ = recv(connection, &byte, 1, 0)
        return
      }
    }
  }

  private static func send(_ text: String, to connection: Int32) {
    LoopbackListener.send(text.utf8, to: connection)
  }

  private static func readHead(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while recv(connection, &byte, 1, 0) == 1 {
      bytes.append(byte)
      if bytes.suffix(4) == [13, 10, 13, 10] { return String(decoding: bytes, as: UTF8.self) }
    }
    return nil
  }

  private static func readBody(_ connection: Int32, _ head: String) -> String {
    let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
    guard var left = length.flatMap({ Int($0.dropFirst(15).drop { $0 == " " }) }) else { return "" }
    var body: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while left > 0 {
      let count = recv(connection, &buffer, min(left, buffer.count), 0)
      guard count > 0 else { break }
      body.append(contentsOf: buffer[..<count])
      left -= count
    }
    return String(decoding: body, as: UTF8.self)
  }
}
