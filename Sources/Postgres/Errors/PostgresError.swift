/// Why a request to Postgres failed, told apart by what the caller knows afterwards. No text of it holds an address, a
/// password, or a value that was sent or stored.
package enum PostgresError: Error, Sendable, Equatable {
  /// The server refused a statement. What came before it in the same batch or transaction is undone too.
  case server(ServerError)
  /// No session came about: nothing was sent.
  case connection(ConnectionFailure)
  /// The session broke after something had been sent: it may or may not have been done. `sqlState`: of the server's
  /// farewell, if there was one.
  case interrupted(sqlState: String?)
  /// The deadline passed. What was sent may still have been done.
  case deadlineExceeded
  /// So much waits for a connection already that the request would not end by its deadline; nothing was sent.
  /// `retryAfter`: when that should have changed.
  case overloaded(retryAfter: Duration)
  /// The caller cancelled. What was sent may still have been done.
  case cancelled
  /// A value that Postgres cannot hold; nothing was sent. The text says which and why.
  case invalidValue(String)
  /// The server's answer is not what the caller reads it as, or not the protocol's.
  case protocolViolation(String)

  /// The server's code of five characters, if it gave one.
  package var sqlState: String? {
    switch self {
    case .server(let error): error.sqlState
    case .connection(.rejected(let code)): code
    case .interrupted(let code): code
    default: nil
    }
  }

  /// The constraint that was violated: unique, foreign key, check, not-null, exclusion.
  package var constraint: String? {
    if case .server(let error) = self { error.constraint } else { nil }
  }

  package var isUniqueViolation: Bool { sqlState == "23505" }

  /// True if the database cannot be had for now, and the same request may succeed later.
  package var isUnavailable: Bool {
    switch self {
    case .connection, .interrupted, .deadlineExceeded, .overloaded: true
    // Resources are short, an operator stepped in, a lock was not had in time, transactions met too often.
    case .server(let error): ["53", "57"].contains(error.sqlState.prefix(2)) || error.isLockTimeout || error.isConflict
    case .cancelled, .invalidValue, .protocolViolation: false
    }
  }

  /// True if what was asked may have been done although it failed.
  package var isOutcomeUnknown: Bool {
    switch self {
    case .interrupted, .deadlineExceeded, .cancelled: true
    case .server, .connection, .overloaded, .invalidValue, .protocolViolation: false
    }
  }
}

/// Why there is no session with the server.
package enum ConnectionFailure: Error, Sendable, Equatable {
  case refused, unknownHost, unreachable, timedOut
  /// The server answered, and does not want us; its code says why.
  case rejected(sqlState: String)
  /// Older than Postgres 15.
  case tooOld
}

extension PostgresError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .server(let error): error.description
    case .connection(let failure): "cannot connect to Postgres: \(failure)"
    case .interrupted(let code):
      "the session with Postgres broke off, the outcome is unknown\(code.map { " (SQLSTATE \($0))" } ?? "")"
    case .deadlineExceeded: "the request to Postgres was not answered by its deadline"
    case .overloaded: "too many requests wait for a connection to Postgres; nothing was sent"
    case .cancelled: "the request to Postgres was cancelled"
    case .invalidValue(let text): "a value cannot be sent to Postgres: \(text)"
    case .protocolViolation(let text): "unexpected data in the exchange with Postgres: \(text)"
    }
  }
}

extension ConnectionFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .refused: "nothing listens there; is the server running?"
    case .unknownHost: "the name of its host is not known"
    case .unreachable: "it cannot be reached, or does not accept the kind of encryption that was asked for"
    case .timedOut: "it did not answer in time"
    case .tooOld: "it is older than Postgres 15"
    case .rejected(let code):
      switch code {
      case "28P01", "28000": "it refuses the user or the password (SQLSTATE \(code))"
      case "3D000": "it has no database of that name (SQLSTATE \(code))"
      case "53300": "it has too many clients (SQLSTATE \(code))"
      case "57P03": "it is starting up or shutting down (SQLSTATE \(code))"
      default: "it refuses the session (SQLSTATE \(code))"
      }
    }
  }
}
