import Blocking
import ClickHouse

/// Reads ClickHouse over HTTP, as the reader and nobody else.
package struct ClickHouseWarehouse: Warehouse {
  private let client: ClickHouseClient

  package init(_ client: ClickHouseClient) {
    self.client = client
  }

  package var load: PoolLoad { client.load }

  package func read(_ statement: Statement, for scope: RequestScope) async throws -> Reading {
    guard scope.remaining > .zero else { throw WarehouseFailure.deadlineExceeded }
    // Ids of running queries must differ, also when a caller sends the same request id twice.
    let suffix = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    do {
      let bytes = try await client.query(
        statement.sql, parameters: statement.parameters.mapValues(ReadyText.init),
        settings: [
          "log_comment": scope.requestID,
          // The reader may not see system.processes, which KILL needs: closing the connection must end its query.
          "cancel_http_readonly_queries_on_client_close": "1",
        ],
        queryID: "\(scope.requestID)-\(suffix)", deadline: scope.deadline)
      return Reading(bytes: bytes, freshTo: scope.freshTo)
    } catch {
      let failure = Self.failure(error)
      // Ended by the server or an operator, as nobody here gave it up.
      guard failure is CancellationError, !Task.isCancelled else { throw failure }
      throw scope.remaining > .zero ? WarehouseFailure.unavailable("\(error)") : .deadlineExceeded
    }
  }

  private static func failure(_ error: ClickHouseError) -> any Error {
    switch error {
    case .cancelled: return CancellationError()
    case .deadlineExceeded: return WarehouseFailure.deadlineExceeded
    case .overloaded(let retryAfter): return WarehouseFailure.overloaded(retryAfter: retryAfter)
    case .connection, .interrupted: return WarehouseFailure.unavailable("\(error)")
    case .protocolViolation: return WarehouseFailure.misconfigured("\(error)")
    case .server(let code, _, let message):
      switch code {
      // TIMEOUT_EXCEEDED, TOO_SLOW.
      case 159, 160: return WarehouseFailure.deadlineExceeded
      // TOO_MANY_ROWS, TOO_MANY_BYTES, SET_SIZE_LIMIT_EXCEEDED, MEMORY_LIMIT_EXCEEDED, TOO_MANY_ROWS_OR_BYTES.
      case 158, 307, 191, 241, 396: return WarehouseFailure.tooLarge(String(message.prefix(200)))
      case 394: return CancellationError()
      default:
        return error.disposition == .backpressure
          ? WarehouseFailure.unavailable("\(error)") : WarehouseFailure.misconfigured("\(error)")
      }
    }
  }

  /// A value already in the form ClickHouse reads parameters in.
  private struct ReadyText: ClickHouseParameter {
    let parameterText: String

    init(_ text: String) {
      parameterText = text
    }
  }
}
