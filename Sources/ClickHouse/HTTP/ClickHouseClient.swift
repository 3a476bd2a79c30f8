import Blocking
import Synchronization

/// Queries ClickHouse from async code: a bounded number of connections, each on a thread of its own, behind a bounded
/// queue. Cancelling a task ends its request within 50 ms and tells the server to stop the query.
package final class ClickHouseClient: Sendable {
  package let configuration: ClickHouseConfiguration
  private let workers: WorkerThreads
  /// How far an answer may run ahead of its reader, in bytes.
  private static let readAhead = 1 << 20
  /// How long to wait for the server to take the order to stop a query, in milliseconds.
  private static let killTimeoutMs = 2_000

  /// - Parameters:
  ///   - connections: the most requests under way at once.
  ///   - queue: the most requests waiting for their turn; further ones are refused with `.connection`.
  package init(_ configuration: ClickHouseConfiguration, connections: Int = 4, queue: Int = 256) {
    self.configuration = configuration
    workers = WorkerThreads(configuration, threads: connections, queue: queue)
  }

  deinit { workers.close() }

  /// Ends the connections as they become free. Waiting requests, and all later ones, fail with `.cancelled`.
  package func close() { workers.close() }

  /// Runs one statement and returns the whole answer (at most `maximumAnswerBytes` of the configuration).
  /// - Parameters:
  ///   - parameters: values of the statement's `{name:Type}` placeholders.
  ///   - settings: ClickHouse settings for this request.
  ///   - queryID: the id the server shall know the query by; a random one if nil.
  @discardableResult
  package func query(
    _ sql: String, parameters: [String: any ClickHouseParameter] = [:], settings: [String: String] = [:],
    queryID: String? = nil
  ) async throws(ClickHouseError) -> [UInt8] {
    let queryID = queryID ?? Self.randomID()
    return try await run(queryID) { connection, cancellation throws(ClickHouseError) in
      try connection.execute(
        sql, parameters: parameters, settings: settings, queryID: queryID, cancellation: cancellation)
    }
  }

  /// Inserts compressed frames of Native blocks; see
  /// ``ClickHouseConnection/insert(_:frames:settings:queryID:cancellation:)``.
  @discardableResult
  package func insert(
    _ query: String, frames: [UInt8], settings: [String: String] = [:], queryID: String? = nil
  ) async throws(ClickHouseError) -> InsertSummary {
    let queryID = queryID ?? Self.randomID()
    return try await run(queryID) { connection, cancellation throws(ClickHouseError) in
      try frames.withUnsafeBytes { bytes in
        Result { () throws(ClickHouseError) in
          try connection.insert(
            query, frames: bytes, settings: settings, queryID: queryID, cancellation: cancellation)
        }
      }.get()
    }
  }

  /// Runs one statement and returns its answer as it arrives. Errors, also those before the first byte, come from
  /// reading it.
  package func stream(
    _ sql: String, parameters: [String: any ClickHouseParameter] = [:], settings: [String: String] = [:],
    queryID: String? = nil
  ) -> ClickHouseAnswer {
    let queryID = queryID ?? Self.randomID()
    let channel = ChunkChannel(limit: Self.readAhead)
    let submitted = workers.submit { connection in
      guard let connection, !channel.cancellation.isRaised else { return channel.finish(.failure(.cancelled)) }
      do throws(ClickHouseError) {
        try connection.stream(
          sql, parameters: parameters, settings: settings, queryID: queryID, cancellation: channel.cancellation
        ) { channel.send([UInt8]($0)) }
        channel.finish(.success(()))
      } catch {
        channel.finish(.failure(error))
        if error == .cancelled { Self.stop(queryID, connection) }
      }
    }
    if case .failure(let refusal) = submitted { channel.finish(.failure(Self.error(refusal))) }
    return ClickHouseAnswer(channel)
  }

  private func run<Value: Sendable>(
    _ queryID: String,
    _ work: @escaping @Sendable (ClickHouseConnection, CancellationFlag) throws(ClickHouseError) -> Value
  ) async throws(ClickHouseError) -> Value {
    let cancellation = CancellationFlag()
    // The ticket of the job while it may wait in the queue, for a cancelled task to withdraw it by.
    let ticket = Mutex<UInt64?>(nil)
    return try await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, ClickHouseError>, Never>) in
        let submitted = workers.submit { connection in
          guard let connection, !cancellation.isRaised else {
            return continuation.resume(returning: .failure(.cancelled))
          }
          let result = Result { () throws(ClickHouseError) in try work(connection, cancellation) }
          continuation.resume(returning: result)
          if case .failure(.cancelled) = result { Self.stop(queryID, connection) }
        }
        switch submitted {
        case .failure(let refusal): continuation.resume(returning: .failure(Self.error(refusal)))
        case .success(let number):
          ticket.withLock { $0 = number }
          if cancellation.isRaised { workers.withdraw(number) }
        }
      }
    } onCancel: {
      cancellation.raise()
      if let number = ticket.withLock({ $0 }) { workers.withdraw(number) }
    }.get()
  }

  /// Tells the server to stop a query whose connection was closed; a user may always stop its own. Best effort: the
  /// query may have ended, or never begun.
  private static func stop(_ queryID: String, _ connection: ClickHouseConnection) {
    let usual = connection.requestTimeoutMs
    connection.requestTimeoutMs = killTimeoutMs
    defer { connection.requestTimeoutMs = usual }
    _ = try? connection.execute("KILL QUERY WHERE query_id = {id:String} ASYNC", parameters: ["id": queryID])
  }

  private static func error(_ refusal: WorkerThreads.Refusal) -> ClickHouseError {
    switch refusal {
    case .full(let limit): .connection("\(limit) requests already wait for a connection; nothing was sent")
    case .closed: .cancelled
    }
  }

  /// In the form of a UUID.
  private static func randomID() -> String {
    var random = SystemRandomNumberGenerator()
    let digits = [random.next(), random.next()].map { (word: UInt64) in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
      String(digits.dropFirst(range.lowerBound).prefix(range.count))
    }
    return parts.joined(separator: "-")
  }
}
