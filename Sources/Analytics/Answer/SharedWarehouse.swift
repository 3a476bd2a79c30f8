import Blocking
import CivilTime
import Synchronization

/// A warehouse in which equal statements under way are one: who asks what is being asked already waits for that answer.
///
/// Each asker keeps a deadline of its own, and its leaving does not disturb the others; with the last one the statement
/// is cancelled. What a statement answers is at least as fresh as ``Reading/freshTo``, which is that of the first asker.
package final class SharedWarehouse: Warehouse {
  private typealias Outcome = Result<Reading, any Error>

  private struct Asker {
    let deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<Outcome, Never>
    /// Sends it away at its deadline.
    let timer: Task<Void, Never>
  }

  private struct Flight {
    let number: Int
    var askers: [Int: Asker] = [:]
    var task: Task<Void, Never>?
  }

  private struct State {
    var flights: [Statement: Flight] = [:]
    var lastNumber = 0
    var shared = 0
  }

  private let base: any Warehouse
  private let state = Mutex(State())

  package init(_ base: any Warehouse) {
    self.base = base
  }

  package var load: PoolLoad { base.load }

  /// Statements that were not sent because an equal one was under way.
  package var sharedCount: Int { state.withLock { $0.shared } }

  package func read(_ statement: Statement, for scope: RequestScope) async throws -> Reading {
    guard scope.remaining > .zero else { throw WarehouseFailure.deadlineExceeded }
    let asker = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    return try await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        join(statement, scope, asker, continuation)
        // Cancelled before it had joined.
        if Task.isCancelled { leave(statement, asker, .failure(CancellationError())) }
      }
    } onCancel: {
      leave(statement, asker, .failure(CancellationError()))
    }.get()
  }

  private func join(
    _ statement: Statement, _ scope: RequestScope, _ asker: Int, _ continuation: CheckedContinuation<Outcome, Never>
  ) {
    state.withLock { state in
      let timer = Task { [weak self] in
        try? await Task.sleep(until: scope.deadline, clock: .continuous)
        guard !Task.isCancelled else { return }
        self?.leave(statement, asker, .failure(WarehouseFailure.deadlineExceeded))
      }
      let entry = Asker(deadline: scope.deadline, continuation: continuation, timer: timer)
      if state.flights[statement] != nil {
        state.shared += 1
        state.flights[statement]?.askers[asker] = entry
      } else {
        // The first asker's number names the flight.
        var flight = Flight(number: asker, askers: [asker: entry])
        flight.task = Task { await fly(statement, asker, scope) }
        state.flights[statement] = flight
      }
    }
  }

  private func leave(_ statement: Statement, _ asker: Int, _ outcome: Outcome) {
    let (entry, abandoned): (Asker?, Task<Void, Never>?) = state.withLock { state in
      guard let entry = state.flights[statement]?.askers.removeValue(forKey: asker) else { return (nil, nil) }
      guard state.flights[statement]?.askers.isEmpty == true else { return (entry, nil) }
      return (entry, state.flights.removeValue(forKey: statement)?.task)
    }
    entry?.timer.cancel()
    entry?.continuation.resume(returning: outcome)
    abandoned?.cancel()
  }

  private func fly(_ statement: Statement, _ number: Int, _ first: RequestScope) async {
    var deadline = first.deadline
    while true {
      let allowance = first.deadline == deadline ? first.remaining : deadline - .now
      let scope = RequestScope(requestID: first.requestID, deadline: deadline, freshTo: first.freshTo)
      let outcome: Outcome
      do { outcome = .success(try await base.read(statement, for: scope)) } catch { outcome = .failure(error) }
      guard let later = retryDeadline(statement, number, after: outcome, allowance: allowance) else { return }
      deadline = later
    }
  }

  /// Ends a flight and tells its askers; or returns the deadline with which to try once more, when it failed for want of
  /// time and somebody has joined who has more left than it was allowed.
  private func retryDeadline(
    _ statement: Statement, _ number: Int, after outcome: Outcome, allowance: Duration
  ) -> ContinuousClock.Instant? {
    let (askers, later): ([Asker], ContinuousClock.Instant?) = state.withLock { state in
      guard let flight = state.flights[statement], flight.number == number else { return ([], nil) }
      if outcome.isForWantOfTime, let latest = flight.askers.values.map(\.deadline).max(), latest - .now > allowance {
        return ([], latest)
      }
      state.flights[statement] = nil
      return (Array(flight.askers.values), nil)
    }
    for asker in askers {
      asker.timer.cancel()
      asker.continuation.resume(returning: outcome)
    }
    return later
  }
}

extension Result<Reading, any Error> {
  fileprivate var isForWantOfTime: Bool {
    guard case .failure(let error) = self else { return false }
    switch error as? WarehouseFailure {
    case .deadlineExceeded, .overloaded: return true
    default: return false
    }
  }
}
