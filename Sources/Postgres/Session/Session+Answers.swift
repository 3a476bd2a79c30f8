import Blocking
import CLibPQ
import Glibc

extension Session {
  /// How soon a raised cancellation flag is seen.
  private static var tick: Duration { .milliseconds(50) }

  /// Waits for the answers to what was sent.
  /// - Throws: the first error of the batch. After `.deadlineExceeded` and `.cancelled` the exchange stays.
  func answers(until deadline: ContinuousClock.Instant, cancellation: CancellationFlag?) throws(PostgresError)
    -> [PostgresRows]
  {
    var events = PQflush(handle) > 0 ? POLLIN | POLLOUT : POLLIN
    while true {
      if cancellation?.isRaised == true { throw .cancelled }
      let left = deadline - .now
      guard left > .zero else { throw .deadlineExceeded }
      guard wait(for: events, upTo: cancellation == nil ? left : min(left, Self.tick)) else { continue }
      switch progress() {
      case .waiting(let next): events = next
      case .finished:
        let done = exchange!
        exchange = nil
        if let failure = done.failure { throw failure }
        return done.rows
      case .broken:
        isBroken = true
        if case .interrupted(let code) = exchange?.failure { throw .interrupted(sqlState: code) }
        throw .interrupted(sqlState: nil)
      }
    }
  }

  enum Progress {
    case finished, broken
    /// For the socket, to read or to write.
    case waiting(Int32)
  }

  /// Sends what is left to send and takes what has arrived, without waiting.
  func progress() -> Progress {
    let unsent = PQflush(handle)
    let alive = PQconsumeInput(handle) == 1
    let isSound = takeResults()
    if exchange?.isFinished ?? true { return .finished }
    guard alive, isSound, unsent >= 0, PQstatus(handle) == CONNECTION_OK else { return .broken }
    return .waiting(unsent > 0 ? POLLIN | POLLOUT : POLLIN)
  }

  /// Takes the results that are here.
  /// - Returns: false if they are not those of what was sent.
  private func takeResults() -> Bool {
    var emptyHanded = 0
    while let step = exchange?.isFinished == false ? exchange?.step : nil, PQisBusy(handle) == 0 {
      guard let result = PQgetResult(handle) else {
        // The end of a step's results; a sync has none, and an error in its place does.
        if case .sync = step { emptyHanded += 1 } else { exchange?.advance() }
        guard emptyHanded < 3 else { return false }
        continue
      }
      emptyHanded = 0
      var isKept = false
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: isKept = succeeded(step, result)
      case PGRES_PIPELINE_SYNC:
        guard case .sync = step else {
          PQclear(result)
          return false
        }
        exchange?.advance()
      case PGRES_FATAL_ERROR: failed(result)
      case PGRES_PIPELINE_ABORTED: break
      default:
        // COPY, which nobody here feeds or reads.
        PQclear(result)
        return false
      }
      if !isKept { PQclear(result) }
    }
    return true
  }

  /// - Returns: whether the result is kept.
  private func succeeded(_ step: Exchange.Step, _ result: OpaquePointer) -> Bool {
    switch step {
    case .timeLimit(let limit): timeLimitMs = limit
    case .prepare(let entry, let name, _): statements.add(entry, for: name)
    case .call(let index):
      let name = exchange?.names[index] ?? ""
      exchange?.rows.append(PostgresRows(result, statement: name))
      return true
    case .begin, .sync: break
    }
    return false
  }

  private func failed(_ result: OpaquePointer) {
    if ServerError.isStale(result) { isStale = true }
    guard let subject = exchange?.subject, exchange?.failure == nil else { return }
    let error = ServerError(result, statement: subject.name, index: subject.index)
    // Without a code it is libpq's own word that the connection is gone.
    var isUnknown = ServerError.isFatal(result) || error.sqlState.isEmpty
    // What follows a refused time limit runs nevertheless.
    if case .timeLimit = exchange?.step { isUnknown = true }
    exchange?.failure =
      isUnknown ? .interrupted(sqlState: error.sqlState.isEmpty ? nil : error.sqlState) : .server(error)
  }
}
