import Blocking
import Glibc
import Loopback

/// A server of a few lines that misbehaves as told: it listens on a free port of 127.0.0.1 and treats each request (what one
/// read gives: tests send little) by the next step of its script.
final class ScriptedRedis: Sendable {
  enum Step: Sendable {
    case answer(String)
    case answerAndClose(String)
    /// Answers nothing, and reads on.
    case silence
  }

  private struct State {
    var script: [Step]
    var requests: [String] = []
    var connections = 0
  }

  private let listener: LoopbackListener
  private let state: Monitor<State>

  var port: UInt16 { listener.port }
  var requests: [String] { state.withLock { $0.requests } }
  var connections: Int { state.withLock { $0.connections } }

  init(_ script: [Step]) {
    let state = Monitor(State(script: script))
    self.state = state
    listener = LoopbackListener { connection in
      state.withLock { $0.connections += 1 }
      Self.serve(connection, state)
    }
  }

  /// Stops listening; connections end with their clients.
  func stop() { listener.stop() }

  private static func serve(_ connection: Int32, _ state: Monitor<State>) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 {
      let step: Step = state.withLock { state in
        state.requests.append(String(decoding: buffer[..<count], as: UTF8.self))
        return state.script.isEmpty ? .answerAndClose("") : state.script.removeFirst()
      }
      switch step {
      case .answer(let text): LoopbackListener.send(text.utf8, to: connection)
      case .answerAndClose(let text):
        LoopbackListener.send(text.utf8, to: connection)
        return
      case .silence: break
      }
    }
  }
}
