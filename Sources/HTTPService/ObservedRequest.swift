import Hummingbird
import Synchronization
import Telemetry

/// A request in flight: counted from now until it ends, which it does once, at the latest when nothing refers to it any
/// more. So nothing that becomes of an answer can leave it counted.
final class ObservedRequest: Sendable {
  private struct State {
    var status = 500
    var hasEnded = false
  }

  private let state = Mutex(State())
  private let inFlight: Gauge
  private let onEnd: @Sendable (Int) -> Void

  /// - Parameter onEnd: called once, with the status of the answer.
  init(_ inFlight: Gauge, onEnd: @escaping @Sendable (Int) -> Void) {
    self.inFlight = inFlight
    self.onEnd = onEnd
    inFlight.add(1)
  }

  deinit { end() }

  /// Notes the answer. Where its body is a stream, that is part of the request's time, and may break half-way, or never be
  /// written.
  func see(_ response: inout Response) {
    let status = response.status.code
    state.withLock { $0.status = status }
    guard response.body.contentLength == nil else { return end() }
    let body = response.body
    response.body = ResponseBody { writer in
      defer { self.end() }
      try await body.write(writer)
    }
  }

  func end() {
    let status: Int? = state.withLock { state in
      if state.hasEnded { return nil }
      state.hasEnded = true
      return state.status
    }
    guard let status else { return }
    inFlight.add(-1)
    onEnd(status)
  }
}
