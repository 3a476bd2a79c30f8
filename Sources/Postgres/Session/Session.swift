import Blocking
import CLibPQ
import Glibc

/// One session with the server: libpq's connection in pipeline mode, never blocking, and what is prepared in it. Belongs to
/// one thread at a time.
///
/// All that goes out at once is an ``Exchange``. One that its deadline cut short stays: ``settle(within:using:)`` has the
/// server stop, and reads the rest, before anything else can be sent.
final class Session {
  let handle: OpaquePointer
  let cancelRequest: CancelRequest
  var statements = StatementCache()
  /// What was sent and is not wholly answered.
  var exchange: Exchange?
  /// As the session has it now.
  var timeLimitMs = 0
  /// Nothing can be sent any more.
  var isBroken = false
  /// Still good for ending a transaction; not for new work, as the server's plans are older than its tables.
  var isStale = false

  /// Owns `handle` from now on.
  init(_ handle: OpaquePointer, cancelRequest: CancelRequest) {
    self.handle = handle
    self.cancelRequest = cancelRequest
  }

  deinit { PQfinish(handle) }

  /// Nothing is under way, no transaction is open.
  var isClean: Bool { exchange == nil && !isBroken && PQtransactionStatus(handle) == PQTRANS_IDLE }

  /// Whether new work may begin. Looks whether the server has gone since the last: then nothing need be sent to find out.
  func isUsable() -> Bool {
    guard isClean, !isStale, !statements.isFull else { return false }
    // Notices may wait here, and a farewell in front of the end.
    for _ in 0..<8 {
      guard wait(for: POLLIN, upTo: .zero) else { return true }
      guard PQconsumeInput(handle) == 1, PQisBusy(handle) == 0, PQstatus(handle) == CONNECTION_OK else { return false }
    }
    return !wait(for: POLLIN, upTo: .zero)
  }

  /// Waits until the socket can be read, or written where that is asked for.
  /// - Returns: whether it can.
  func wait(for events: Int32, upTo limit: Duration) -> Bool {
    var waited = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
    // Rounded up, so that a wait is not over before its time and done again for nothing.
    let milliseconds = limit <= .zero ? 0 : Int32(min(limit, .seconds(3600)) / .milliseconds(1)) + 1
    return poll(&waited, 1, milliseconds) > 0
  }

  /// After a deadline or a cancellation: has the server stop, and reads what it still answers.
  /// - Returns: false if that did not come about within `limit`; the session is of no use then.
  func settle(within limit: Duration, using canceller: Canceller) -> Bool {
    guard exchange != nil, !isBroken else { return !isBroken }
    guard let taken = canceller.send(cancelRequest) else { return false }
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      switch progress() {
      case .finished:
        // A request that is still on its way would stop the next statement.
        if taken.isRaised {
          exchange = nil
          return true
        }
        BlockingThread.sleep(.milliseconds(1))
      case .waiting(let events): _ = wait(for: events, upTo: .milliseconds(10))
      case .broken: return false
      }
    }
    return false
  }

  /// Ends the transaction that may be open.
  /// - Returns: whether none is.
  func rollBack(within limit: Duration) -> Bool {
    guard !isBroken, exchange == nil else { return false }
    guard PQtransactionStatus(handle) != PQTRANS_IDLE else { return true }
    do throws(PostgresError) {
      try send([PostgresStatement(unprepared: "ROLLBACK")()])
      _ = try answers(until: .now + limit, cancellation: nil)
    } catch { return false }
    return isClean
  }
}
