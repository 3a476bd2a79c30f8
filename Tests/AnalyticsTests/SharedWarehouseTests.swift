import Analytics
import Blocking
import CivilTime
import Synchronization
import Testing

/// A warehouse whose statements end when the test says so.
private final class HeldWarehouse: Warehouse {
  struct Asked {
    let sql: String
    let scope: RequestScope
    let answer: CheckedContinuation<Result<Reading, WarehouseFailure>, Never>
  }

  private let asked = Mutex<[Asked]>([])
  private let counts = Mutex((asked: 0, cancelled: 0))
  var load: PoolLoad { PoolLoad() }
  var askedCount: Int { counts.withLock { $0.asked } }
  var cancelledCount: Int { counts.withLock { $0.cancelled } }

  func read(_ statement: Statement, for scope: RequestScope) async throws -> Reading {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        asked.withLock { $0.append(Asked(sql: statement.sql, scope: scope, answer: continuation)) }
        counts.withLock { $0.asked += 1 }
      }
    } onCancel: {
      counts.withLock { $0.cancelled += 1 }
      answer(.failure(.unavailable("cancelled")))
    }
    return try result.get()
  }

  /// Ends the statement that was asked first, and returns on whose behalf it was.
  @discardableResult
  func answer(_ result: Result<String, WarehouseFailure>) -> RequestScope? {
    guard let first = asked.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return nil }
    first.answer.resume(returning: result.map { Reading(bytes: Array($0.utf8), freshTo: first.scope.freshTo) })
    return first.scope
  }
}

@Suite(.timeLimit(.minutes(1))) struct SharedWarehouseTests {
  private let held = HeldWarehouse()
  private let shared: SharedWarehouse

  init() { shared = SharedWarehouse(held) }

  private func ask(
    _ sql: String, _ parameters: [String: String] = [:], within limit: Duration = .seconds(60), id: String = "a",
    freshTo: Instant? = nil
  ) -> Task<Result<String, WarehouseFailure>, any Error> {
    Task { [shared] in
      do {
        let scope = RequestScope(requestID: id, deadline: .now + limit, freshTo: freshTo)
        let reading = try await shared.read(Statement(sql: sql, parameters: parameters), for: scope)
        return .success(
          String(decoding: reading.bytes, as: UTF8.self) + (reading.freshTo.map { " \($0.milliseconds)" } ?? ""))
      } catch let failure as WarehouseFailure { return .failure(failure) }
    }
  }

  private func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

  @Test func equalStatementsAreOne() async throws {
    let first = ask("SELECT 1", ["p1": "UTC"], freshTo: Instant(milliseconds: 7))
    await until { held.askedCount == 1 }
    // What the others know of newer events is not in an answer that was asked for before.
    let others = (0..<20).map { _ in ask("SELECT 1", ["p1": "UTC"], id: "b", freshTo: Instant(milliseconds: 9)) }
    await until { shared.sharedCount == 20 }
    let scope = held.answer(.success("one"))
    #expect(scope?.requestID == "a")
    for task in [first] + others { #expect(try await task.value == .success("one 7")) }
    #expect(held.askedCount == 1)
    let later = ask("SELECT 1", ["p1": "UTC"])
    await until { held.askedCount == 2 }
    held.answer(.success("two"))
    #expect(try await later.value == .success("two"), "nothing is kept")
  }

  @Test func otherTextOrValuesAreOthers() async {
    let tasks = [
      ask("SELECT 1", ["p1": "UTC"]), ask("SELECT 1", ["p1": "Europe/Berlin"]), ask("SELECT 2", ["p1": "UTC"]),
    ]
    await until { held.askedCount == 3 }
    #expect(shared.sharedCount == 0)
    for _ in tasks { held.answer(.success("")) }
    for task in tasks { _ = await task.result }
  }

  @Test func whoLeavesDoesNotDisturbTheOthers() async throws {
    let first = ask("SELECT 1")
    await until { held.askedCount == 1 }
    let second = ask("SELECT 1")
    await until { shared.sharedCount == 1 }
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    #expect(held.cancelledCount == 0)
    held.answer(.success("one"))
    #expect(try await second.value == .success("one"))
  }

  @Test func theLastOneLeavingCancels() async throws {
    let tasks = [ask("SELECT 1"), ask("SELECT 1")]
    await until { shared.sharedCount == 1 && held.askedCount == 1 }
    for task in tasks { task.cancel() }
    for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
    await until { held.cancelledCount == 1 }
    let next = ask("SELECT 1")
    await until { held.askedCount == 2 }
    held.answer(.success("anew"))
    #expect(try await next.value == .success("anew"))
  }

  @Test func eachKeepsItsDeadline() async throws {
    let patient = ask("SELECT 1")
    await until { held.askedCount == 1 }
    // The statement ends only after this answer, so only the deadline can have brought it.
    #expect(try await ask("SELECT 1", within: .milliseconds(20)).value == .failure(.deadlineExceeded))
    held.answer(.success("one"))
    #expect(try await patient.value == .success("one"))
  }

  @Test func whoHasMoreTimeThanTheFirstIsAskedForOnceMore() async throws {
    let hasty = ask("SELECT 1", within: .seconds(30))
    await until { held.askedCount == 1 }
    let patient = ask("SELECT 1", within: .seconds(3000))
    await until { shared.sharedCount == 1 }
    held.answer(.failure(.overloaded(retryAfter: .seconds(1))))
    await until { held.askedCount == 2 }
    let scope = try #require(held.answer(.success("one")))
    #expect(scope.remaining > .seconds(1000))
    #expect(try await hasty.value == .success("one"))
    #expect(try await patient.value == .success("one"))
  }

  @Test func whoHasNoMoreTimeIsToldTheFailure() async throws {
    let tasks = [ask("SELECT 1"), ask("SELECT 1")]
    await until { shared.sharedCount == 1 && held.askedCount == 1 }
    // As long as the first one's allowance has not been used up, a joined one has not more left.
    try await Task.sleep(for: .milliseconds(50))
    held.answer(.failure(.deadlineExceeded))
    for task in tasks { #expect(try await task.value == .failure(.deadlineExceeded)) }
    #expect(held.askedCount == 1)
  }
}
