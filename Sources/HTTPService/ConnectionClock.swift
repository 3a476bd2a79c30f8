/// When a connection is to be closed, going by what its client does not do: the rules alone, without a socket or a clock.
package struct ConnectionClock {
  package typealias Instant = ContinuousClock.Instant

  /// What the client has had too much time for.
  package enum Fault: String, CaseIterable {
    case head, body, write, idle
  }

  /// How far a request has been read.
  private enum Reading {
    /// Between requests.
    case nothing
    case head(since: Instant)
    case body(since: Instant)
  }

  private let limits: ConnectionLimits
  private var reading: Reading
  private var idleSince: Instant
  /// Requests whose head has come and whose answer has not been written, by the time of the head.
  private var unanswered: [Instant] = []
  private var pendingWrites = 0
  private var lastWrite: Instant

  /// A client that connects is about to send a head.
  package init(_ limits: ConnectionLimits, connected now: Instant) {
    self.limits = limits
    reading = .head(since: now)
    idleSince = now
    lastWrite = now
  }

  /// When the head of the request that is being answered came.
  package var arrival: Instant? { unanswered.first }

  package mutating func bytesCame(_ now: Instant) {
    if case .nothing = reading { reading = .head(since: now) }
  }

  package mutating func headCame(_ now: Instant) {
    unanswered.append(now)
    reading = .body(since: now)
  }

  package mutating func requestEnded() { reading = .nothing }

  package mutating func answerWritten(_ now: Instant) {
    // An answer may go out without a request: to one that could not be read.
    if !unanswered.isEmpty { unanswered.removeFirst() }
    idleSince = now
  }

  package mutating func writeBegan(_ now: Instant) {
    if pendingWrites == 0 { lastWrite = now }
    pendingWrites += 1
  }

  package mutating func writeEnded(_ now: Instant) {
    pendingWrites -= 1
    lastWrite = now
    idleSince = now
  }

  /// When patience ends next, and with what; nil while it is the server's turn.
  package var next: (at: Instant, fault: Fault)? {
    let read: (at: Instant, fault: Fault)? =
      switch reading {
      case .head(let since): (since + limits.headTimeout, .head)
      case .body(let since): (since + limits.bodyTimeout, .body)
      case .nothing where unanswered.isEmpty && pendingWrites == 0: (idleSince + limits.idleTimeout, .idle)
      case .nothing: nil
      }
    guard pendingWrites > 0 else { return read }
    let written = lastWrite + limits.writeTimeout
    if let read, read.at <= written { return read }
    return (written, .write)
  }
}
