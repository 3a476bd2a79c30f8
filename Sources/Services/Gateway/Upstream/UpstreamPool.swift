import NIOCore
import NIOHTTP1
import NIOPosix

/// The connections of one event loop to one service. Used on that loop only: nothing here is locked.
final class UpstreamPool {
  /// Whoever waits for a connection, and when it began to.
  private struct Waiter {
    let exchange: Exchange
    /// Whether a connection is being made for it; else it counts among those that wait for a free one.
    let isConnecting: Bool
  }

  let upstream: Upstream
  private let eventLoop: any EventLoop
  private let times: GatewayTimes
  /// The last used last.
  private var idle: [UpstreamConnection] = []
  private var waiting: CircularBuffer<Waiter> = []
  /// Open ones, and those being made.
  private var count = 0

  init(_ upstream: Upstream, _ eventLoop: any EventLoop, _ times: GatewayTimes) {
    self.upstream = upstream
    self.eventLoop = eventLoop
    self.times = times
  }

  var hasIdle: Bool { !idle.isEmpty }

  /// Gives the exchange a connection, now or later, or a failure.
  /// - Parameter isFresh: not one that has been used.
  func acquire(for exchange: Exchange, isFresh: Bool) {
    if !isFresh {
      while let connection = idle.popLast() {
        if connection.isActive { return exchange.got(connection) }
      }
    }
    if count < upstream.connectionsPerLoop {
      waiting.append(Waiter(exchange: exchange, isConnecting: true))
      connect()
    } else if upstream.enterQueue() {
      waiting.append(Waiter(exchange: exchange, isConnecting: false))
    } else {
      exchange.gotNoConnection(.saturated)
    }
  }

  /// The exchange waits no longer.
  func forget(_ exchange: Exchange) {
    guard let index = waiting.firstIndex(where: { $0.exchange === exchange }) else { return }
    remove(at: index)
  }

  /// The connection has done its work, and may be used again.
  func release(_ connection: UpstreamConnection) {
    if let exchange = nextWaiter() {
      exchange.got(connection)
    } else {
      connection.idleSince = .now()
      idle.append(connection)
    }
  }

  /// The connection is closed.
  func closed(_ connection: UpstreamConnection) {
    changeCount(by: -1)
    idle.removeAll { $0 === connection }
    // Its place may be taken by one for who waits longest.
    if !waiting.isEmpty, count < upstream.connectionsPerLoop { connect() }
  }

  /// Closes what has been idle for too long.
  func tick(_ now: NIODeadline) {
    let stale = idle.prefix { $0.idleSince + times.poolIdle <= now }
    for connection in stale { connection.close() }
  }

  private func nextWaiter() -> Exchange? {
    guard let exchange = waiting.first?.exchange else { return nil }
    remove(at: waiting.startIndex)
    return exchange
  }

  private func remove(at index: CircularBuffer<Waiter>.Index) {
    if !waiting.remove(at: index).isConnecting { upstream.leaveQueue() }
  }

  private func changeCount(by change: Int) {
    count += change
    upstream.connectionsChanged(by: change)
  }

  private func connect() {
    changeCount(by: 1)
    let connection = NIOLoopBound(UpstreamConnection(self), eventLoop: eventLoop)
    // The connection itself says when it is read.
    let bootstrap = ClientBootstrap(group: eventLoop).connectTimeout(times.connect)
      .channelOption(.autoRead, value: false)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try connection.value.add(to: channel.pipeline.syncOperations)
        }
      }
    let address = upstream.address
    let connecting =
      if let numeric = try? SocketAddress(ipAddress: address.host, port: address.port) {
        bootstrap.connect(to: numeric)
      } else {
        bootstrap.connect(host: address.host, port: address.port)
      }
    connecting.assumeIsolated().whenComplete { result in
      switch result {
      case .success where connection.value.isActive: self.release(connection.value)
      // Closed as soon as it was open.
      case .success: self.nextWaiter()?.gotNoConnection(.connect)
      case .failure:
        self.changeCount(by: -1)
        // Who has waited longest has waited for this one.
        self.nextWaiter()?.gotNoConnection(.connect)
      }
    }
  }
}
