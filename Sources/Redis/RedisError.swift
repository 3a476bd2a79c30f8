/// What the server says when it refuses a command.
package struct RedisServerError: Error, Sendable, Equatable {
  /// The first word, in capitals: `WRONGTYPE`, `NOSCRIPT`, `WRONGPASS`, `LOADING`, `OOM`, `ERR`, …
  package let code: String
  /// What follows it. Redis repeats a command's arguments in some errors: those are left out, and so is another server's address.
  package let message: String

  /// - Parameter text: an error reply, without its `-`.
  package init(reply text: String) {
    let word = text.prefix { $0 != " " }
    code = String(word.prefix(32))
    if code == "MOVED" || code == "ASK" {
      message = "the key lives on another node of a cluster, and clusters are not followed"
      return
    }
    let rest = text.dropFirst(word.count).drop { $0 == " " }
    let end = rest.firstRange(of: ", with args beginning with")?.lowerBound ?? rest.endIndex
    message = String(rest[..<end].prefix(200))
  }

  /// True if the server cannot do what was asked for now, but may later.
  var isTransient: Bool {
    ["LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "NOREPLICAS", "MISCONF", "OOM"]
      .contains(code)
  }
}

/// Why a command was not answered, told apart by what the caller knows afterwards. No text of it holds an address, a password
/// or an argument.
package enum RedisError: Error, Sendable, Equatable {
  /// The server refused the command; it has done nothing (a script may have done something before it failed).
  case server(RedisServerError)
  /// No connection came about: the server has seen nothing of the command.
  case connection(String)
  /// The connection broke after the command was sent: the server may or may not have done it.
  case interrupted(String)
  /// The deadline passed. A command already sent may still be done.
  case deadlineExceeded
  /// So much waits for a connection already that the command would not be answered by its deadline; nothing was sent.
  /// `retryAfter`: when that should have changed.
  case overloaded(retryAfter: Duration)
  /// The caller cancelled, or the client was closed. A command already sent may still be done.
  case cancelled
  /// The peer does not speak the protocol as expected, or says more than was allowed for.
  case protocolViolation(String)

  /// True if the command may have been done although it failed.
  package var isOutcomeUnknown: Bool {
    switch self {
    case .interrupted, .cancelled, .deadlineExceeded, .protocolViolation: true
    case .server, .connection, .overloaded: false
    }
  }

  /// True if nothing is wrong with the command, but Redis is away, busy or not ready yet: the same may be answered later.
  package var isUnavailability: Bool {
    switch self {
    case .connection, .interrupted, .deadlineExceeded, .overloaded: true
    case .server(let refusal): refusal.isTransient
    case .cancelled, .protocolViolation: false
    }
  }
}

extension RedisError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .server(let refusal): "Redis error \(refusal.code): \(refusal.message)"
    case .connection(let text): "cannot connect to Redis: \(text)"
    case .interrupted(let text): "the exchange with Redis broke off, its outcome is unknown: \(text)"
    case .deadlineExceeded: "Redis did not answer by the deadline"
    case .overloaded: "too many commands wait for a connection to Redis; nothing was sent"
    case .cancelled: "the command to Redis was cancelled"
    case .protocolViolation(let text): "unexpected data from Redis: \(text)"
    }
  }
}
