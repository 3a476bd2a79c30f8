import NIOCore

/// When a connection is to be closed, going by what its client does not do: the rules alone, without a socket or a clock.
package struct ConnectionClock {
  package typealias Instant = NIODeadline

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

  // As the event loop counts: these rules are gone through several times a request.
  private let headTime, bodyTime, writeTime, idleTime: TimeAmount
  private var reading: Reading
  private var idleSince: Instant
  /// Requests whose head has come and whose answer has not been written, by the time of the head.
  private var unanswered: [Instant] = []
  private var pendingWrites = 0
  private var lastWrite: Instant

  /// A client that connects is about to send a head.
  package init(_ limits: ConnectionLimits, connected now: Instant) {
    headTime = TimeAmount(limits.headTimeout)
    bodyTime = TimeAmount(limits.bodyTimeout)
    writeTime = TimeAmount(limits.writeTimeout)
    idleTime = TimeAmount(limits.idleTimeout)
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
      case .head(let since): (since + headTime, .head)
      case .body(let since): (since + bodyTime, .body)
      case .nothing where unanswered.isEmpty && pendingWrites == 0: (idleSince + idleTime, .idle)
      case .nothing: nil
      }
    guard pendingWrites > 0 else { return read }
    let written = lastWrite + writeTime
    if let read, read.at <= written { return read }
    return (written, .write)
  }
}
