import Blocking
import Foundation
import Loopback

/// A service of a few lines: it keeps what it is asked, and answers or misbehaves as told.
final class TestUpstream: Sendable {
  struct Received: Sendable {
    /// From the request line to the blank one.
    let head: String
    let body: [UInt8]
    /// Which of its connections it came over, from 1 on.
    let connection: Int

    /// The values of a header, by whatever name it is spelled.
    func values(_ name: String) -> [String] {
      head.split(separator: "\r\n").dropFirst().compactMap { line in
        guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { return nil }
        return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
    }

    var line: String { String(head.prefix { $0 != "\r\n" }) }
  }

  enum Reply: Sendable {
    case answer(String)
    /// And the connection is closed.
    case last(String)
    case close
    case reset
    /// Nothing, until the gateway goes away.
    case hang
    /// The head, and then pieces as the handler wants to send them.
    case stream(@Sendable (_ send: (String) -> Bool) -> Void)
  }

  private struct State {
    var received: [Received] = []
    var connections = 0
    var open = 0
  }

  private let listener: LoopbackListener
  private let state: Monitor<State>

  var url: String { "http://127.0.0.1:\(listener.port)" }
  var received: [Received] { state.withLock { $0.received } }
  var connections: Int { state.withLock { $0.connections } }
  var open: Int { state.withLock { $0.open } }

  /// - Parameter readsBody: false: it answers when it has the head.
  init(readsBody: Bool = true, _ reply: @escaping @Sendable (Received, Int) -> Reply) {
    let state = Monitor(State())
    self.state = state
    listener = LoopbackListener { socket in
      let number = state.withLock { state in
        state.connections += 1
        state.open += 1
        return state.connections
      }
      defer { state.withLock { $0.open -= 1 } }
      while let head = Self.head(socket) {
        let body = readsBody ? Self.body(socket, head) : []
        let received = Received(head: head, body: body, connection: number)
        let count = state.withLock { state in
          state.received.append(received)
          return state.received.count
        }
        guard Self.send(reply(received, count), socket) else { return }
      }
    }
  }

  deinit { listener.stop() }

  func stop() { listener.stop() }

  static func ok(_ body: String = "ok", _ headers: String = "") -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
  }

  /// True if the connection goes on.
  private static func send(_ reply: Reply, _ socket: Int32) -> Bool {
    switch reply {
    case .answer(let text): return LoopbackListener.send(text.utf8, to: socket)
    case .last(let text):
      LoopbackListener.send(text.utf8, to: socket)
      return false
    case .close: return false
    case .reset:
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
      return false
    case .hang:
      var byte: UInt8 = 0
      while recv(socket, &byte, 1, 0) > 0 {}
      return false
    case .stream(let body):
      body { LoopbackListener.send($0.utf8, to: socket) }
      return false
    }
  }

  private static func head(_ socket: Int32) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while recv(socket, &byte, 1, 0) == 1 {
      bytes.append(byte)
      if bytes.suffix(4) == [13, 10, 13, 10] { return String(decoding: bytes, as: UTF8.self) }
    }
    return nil
  }

  private static func body(_ socket: Int32, _ head: String) -> [UInt8] {
    let lower = head.lowercased()
    if let length = lower.firstMatch(of: /content-length: *(\d+)/).flatMap({ Int($0.1) }) {
      return take(length, socket)
    }
    guard lower.contains("transfer-encoding: chunked") else { return [] }
    var body: [UInt8] = []
    while true {
      var line: [UInt8] = []
      while line.suffix(2) != [13, 10], case let byte = take(1, socket), byte.count == 1 { line += byte }
      guard let size = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) else { return body }
      body += take(size, socket)
      _ = take(2, socket)
      if size == 0 { return body }
    }
  }

  private static func take(_ count: Int, _ socket: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count < count {
      let got = recv(socket, &buffer, min(buffer.count, count - bytes.count), 0)
      guard got > 0 else { break }
      bytes += buffer[..<got]
    }
    return bytes
  }
}
