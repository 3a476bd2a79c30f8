import Blocking
import Glibc
import JSON
import Loopback

/// A users service of a few lines: people in memory, and what was asked.
final class StubUsers: Sendable {
  struct Person: Sendable {
    var id: Int64
    var email: String
    var password: String
    var isManager = false

    var json: String {
      #"{"id":\#(id),"name":"Анна","surname":"Example","email":"\#(email)","is_manager":\#(isManager)}"#
    }
  }

  struct State: Sendable {
    var people: [Person] = []
    /// Head and body of each request.
    var requests: [(line: String, head: String, body: String)] = []
    /// Called before a login is answered, and before a new password is.
    var whileVerifying: (@Sendable () -> Void)?
    var whileChanging: (@Sendable (Int64) -> Void)?
  }

  private let listener: LoopbackListener
  let state: Monitor<State>

  var url: String { "http://127.0.0.1:\(listener.port)" }

  init() {
    let state = Monitor(State())
    self.state = state
    listener = LoopbackListener { connection in
      while let (head, body) = Self.read(connection) {
        let line = String(head.prefix { $0 != "\r\n" })
        state.withLock { $0.requests.append((line, head, body)) }
        let (status, text) = Self.answer(line, body, state)
        LoopbackListener.send(
          "HTTP/1.1 \(status) X\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)".utf8, to: connection)
      }
    }
  }

  func stop() { listener.stop() }

  func count(_ line: String) -> Int { state.withLock { $0.requests.count { $0.line.hasPrefix(line) } } }

  private static func answer(_ line: String, _ body: String, _ state: Monitor<State>) -> (Int, String) {
    let json = try? JSONParser.parse(Array(body.utf8))
    func text(_ name: String) -> String? { if case .string(let text)? = json?[name] { text } else { nil } }
    func refusal(_ code: String, _ details: String = "") -> String {
      #"{"error":{"code":"\#(code)","message":"No."\#(details)}}"#
    }
    let path = line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    let id = path.split(separator: "/").last.flatMap { Int64($0) }
    switch (line.prefix { $0 != " " }, path) {
    case ("POST", "/api/verify_user"):
      let known = state.withLock { $0.people.first { $0.email == text("email") && $0.password == text("password") } }
      state.withLock { $0.whileVerifying }?()
      return known.map { (200, $0.json) } ?? (401, refusal("INVALID_CREDENTIALS"))
    case ("POST", "/api/users/"):
      guard text("password") != "password" else {
        return (422, refusal("VALIDATION_FAILED", #","details":[{"path":"password","message":"is common"}]"#))
      }
      return state.withLock { state in
        if state.people.contains(where: { $0.email == text("email") }) { return (409, refusal("EMAIL_TAKEN")) }
        let person = Person(
          id: Int64.random(in: 1 << 40...1 << 50), email: text("email") ?? "", password: text("password") ?? "")
        state.people.append(person)
        return (201, person.json)
      }
    case ("PATCH", _):
      guard text("password") != "password" else {
        return (422, refusal("VALIDATION_FAILED", #","details":[{"path":"password","message":"is common"}]"#))
      }
      let isRight = state.withLock { state in
        guard let index = state.people.firstIndex(where: { $0.id == id && $0.password == text("old_password") }) else {
          return false
        }
        state.people[index].password = text("password") ?? ""
        return true
      }
      guard isRight, let id else { return (403, refusal("OLD_PASSWORD_WRONG")) }
      state.withLock { $0.whileChanging }?(id)
      fallthrough
    case ("GET", _):
      return state.withLock { $0.people.first { $0.id == id } }.map { (200, $0.json) }
        ?? (404, refusal("USER_NOT_FOUND"))
    default: return (404, refusal("NOT_FOUND"))
    }
  }

  private static func read(_ connection: Int32) -> (String, String)? {
    var (bytes, byte): ([UInt8], UInt8) = ([], 0)
    while bytes.suffix(4) != [13, 10, 13, 10] {
      guard recv(connection, &byte, 1, 0) == 1 else { return nil }
      bytes.append(byte)
    }
    let head = String(decoding: bytes, as: UTF8.self)
    let length = head.lowercased().firstMatch(of: /content-length: (\d+)/).flatMap { Int($0.1) } ?? 0
    var body: [UInt8] = []
    while body.count < length, recv(connection, &byte, 1, 0) == 1 { body.append(byte) }
    return (head, String(decoding: body, as: UTF8.self))
  }
}
