import NIOCore

/// What one event loop forwards with: its connections, the exchanges under way, and the one timer that looks after all their
/// deadlines. Used on that loop only.
final class ForwardingLoop {
  /// How late a deadline may be noticed.
  static let tickInterval = TimeAmount.milliseconds(100)

  let eventLoop: any EventLoop
  /// By the place of their service.
  private let pools: [UpstreamPool]
  private var exchanges: [Exchange] = []
  private var isTicking = false
  var identifiers = IdentifierSource()

  init(_ upstreams: [Upstream], _ eventLoop: any EventLoop, _ times: GatewayTimes) {
    self.eventLoop = eventLoop
    pools = upstreams.map { UpstreamPool($0, eventLoop, times) }
  }

  func pool(_ upstream: Upstream) -> UpstreamPool { pools[upstream.place] }

  func add(_ exchange: Exchange) {
    exchange.place = exchanges.count
    exchanges.append(exchange)
    scheduleTick()
  }

  func remove(_ exchange: Exchange) {
    let place = exchange.place
    guard exchanges.indices.contains(place), exchanges[place] === exchange else { return }
    exchanges[place] = exchanges[exchanges.count - 1]
    exchanges[place].place = place
    exchanges.removeLast()
  }

  /// The server was told to stop.
  func endStreams() {
    for exchange in exchanges { exchange.endIfStream() }
  }

  private func scheduleTick() {
    guard !isTicking else { return }
    isTicking = true
    eventLoop.assumeIsolated().scheduleTask(in: Self.tickInterval) { self.tick() }
  }

  private func tick() {
    isTicking = false
    let now = NIODeadline.now()
    // A copy: one whose time is over leaves the list.
    for exchange in exchanges { exchange.tick(now) }
    for pool in pools { pool.tick(now) }
    if !exchanges.isEmpty || pools.contains(where: \.hasIdle) { scheduleTick() }
  }
}
