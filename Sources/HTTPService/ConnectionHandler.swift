import NIOCore
import NIOHTTP1
import Synchronization

/// Sits in a connection's pipeline: closes it when the client takes too long, tells who asks when the client closes it,
/// also while a request is being answered, and knows when the request being answered arrived.
///
/// A client that closes its sending half only counts as gone.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private struct State {
    var clock: ConnectionClock
    var timer: (at: NIODeadline, task: Scheduled<Void>)?
    var isDisconnected = false
    /// Closed for what its client did: what still happens on the way out is nobody's fault again.
    var isClosed = false
    /// The answer under way has said that it is the last.
    var isLast = false
    var lastNumber = 0
    var waiting: [Int: @Sendable () -> Void] = [:]
  }

  private let state: Mutex<State>
  private let drain: Drain
  private let census: ConnectionCensus
  private let isIntercepted: Bool

  /// - Parameter isIntercepted: whether an ``InterceptedConnection`` tells what requests come.
  init(_ limits: ConnectionLimits, _ census: ConnectionCensus, _ drain: Drain, isIntercepted: Bool) {
    self.census = census
    self.drain = drain
    self.isIntercepted = isIntercepted
    state = Mutex(State(clock: ConnectionClock(limits, connected: .now())))
  }

  // MARK: For whoever answers

  /// When the head of the request that is being answered came; nil without one.
  var arrival: ContinuousClock.Instant? {
    guard let arrival = state.withLock({ $0.clock.arrival }) else { return nil }
    return .now - .nanoseconds((NIODeadline.now() - arrival).nanoseconds)
  }

  /// Calls `action` once the client disconnects, at once if it has; until `forget` with the number returned.
  func whenDisconnected(_ action: @escaping @Sendable () -> Void) -> Int {
    let (number, isDisconnected) = state.withLock { state in
      state.lastNumber += 1
      if !state.isDisconnected { state.waiting[state.lastNumber] = action }
      return (state.lastNumber, state.isDisconnected)
    }
    if isDisconnected { action() }
    return number
  }

  func forget(_ number: Int) {
    state.withLock { $0.waiting[number] = nil }
  }

  // MARK: The pipeline

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if !isIntercepted {
      switch unwrapInboundIn(data) {
      case .head: update(context.channel) { $0.headCame(.now()) }
      case .body: break
      case .end: update(context.channel) { $0.requestEnded() }
      }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head) where drain.hasBegun:
      head.headers.replaceOrAdd(name: "Connection", value: "close")
      state.withLock { $0.isLast = true }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .head, .body: context.write(data, promise: promise)
    case .end:
      var promise = promise
      if state.withLock({ $0.isLast }) {
        let (channel, written) = (context.channel, context.eventLoop.makePromise(of: Void.self))
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        if let promise { written.futureResult.cascade(to: promise) }
        promise = written
      }
      context.write(data, promise: promise)
      update(context.channel) { $0.answerWritten(.now()) }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { disconnected() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    disconnected()
    state.withLock { $0.timer.take() }?.task.cancel()
    context.fireChannelInactive()
  }

  private func disconnected() {
    let waiting = state.withLock { state in
      state.isDisconnected = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for action in waiting.values { action() }
  }

  // MARK: The client's time

  /// Notes what happened and sees to it that the connection is looked at when patience ends.
  func update(_ channel: @autoclosure () -> any Channel, _ change: (inout ConnectionClock) -> Void) {
    state.withLock { state in
      change(&state.clock)
      guard !state.isClosed, let next = state.clock.next?.at, state.timer.map({ next < $0.at }) ?? true else { return }
      state.timer?.task.cancel()
      let channel = channel()
      state.timer = (next, channel.eventLoop.scheduleTask(deadline: next) { self.look(channel) })
    }
  }

  private func look(_ channel: any Channel) {
    let fault: ConnectionClock.Fault? = state.withLock { state in
      state.timer = nil
      guard !state.isClosed, let next = state.clock.next, next.at <= .now() else { return nil }
      state.isClosed = true
      return next.fault
    }
    guard let fault else { return update(channel) { _ in } }
    census.closed(fault.rawValue)
    channel.close(promise: nil)
  }
}
