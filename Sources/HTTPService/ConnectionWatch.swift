import NIOCore
import Synchronization

/// Sits in a connection's pipeline and tells who asks when the client closes it, also while a request is being answered.
///
/// A client that closes its sending half only counts as gone.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = NIOAny

  private struct State {
    var isClosed = false
    var next = 0
    var waiting: [Int: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())

  /// Calls `action` once the connection closes, at once if it has; until `forget` with the number returned.
  func whenClosed(_ action: @escaping @Sendable () -> Void) -> Int {
    let (number, isClosed) = state.withLock { state in
      state.next += 1
      if !state.isClosed { state.waiting[state.next] = action }
      return (state.next, state.isClosed)
    }
    if isClosed { action() }
    return number
  }

  func forget(_ number: Int) {
    state.withLock { $0.waiting[number] = nil }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { close() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    close()
    context.fireChannelInactive()
  }

  private func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for action in waiting.values { action() }
  }
}
