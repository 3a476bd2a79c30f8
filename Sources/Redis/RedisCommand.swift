/// A command and its arguments, as they are sent. Printed, it is its name only: arguments may be secrets.
package struct RedisCommand: Sendable, CustomStringConvertible, CustomReflectable {
  package let name: String
  /// In the protocol.
  package let encoded: [UInt8]

  /// Commands that would change what the connection means to those who use it next.
  private static let ofConnections: Set<String> = [
    "AUTH", "SELECT", "HELLO", "RESET", "QUIT", "MONITOR", "SYNC", "PSYNC", "CLIENT", "MULTI", "EXEC", "DISCARD",
    "WATCH",
    "UNWATCH", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "ASKING",
    "READONLY", "READWRITE", "REPLICAOF", "SLAVEOF",
  ]

  /// - Parameter name: one word, known when the program is written. Those that belong to a whole connection (`SELECT`,
  ///   `SUBSCRIBE`, `MULTI`, …) are refused: connections are shared. What must happen together is a ``RedisScript``.
  package init(_ name: String, _ arguments: any RedisArgument...) {
    self.init(name, arguments: arguments)
  }

  package init(_ name: String, arguments: [any RedisArgument]) {
    precondition(!Self.ofConnections.contains(name.uppercased()), "\(name) belongs to a connection, which is shared")
    self.init(unchecked: name, arguments)
  }

  init(unchecked name: String, _ arguments: [any RedisArgument]) {
    self.name = name
    var encoded = Array("*\(arguments.count + 1)\r\n".utf8)
    for argument in [name.redisBytes] + arguments.map(\.redisBytes) {
      encoded += "$\(argument.count)\r\n".utf8
      encoded += argument
      encoded += [13, 10]
    }
    self.encoded = encoded
  }

  package var description: String { name }
  package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// A value that can be an argument of a command; arguments are bytes, with nothing in them that needs to be escaped.
package protocol RedisArgument: Sendable {
  var redisBytes: [UInt8] { get }
}

extension String: RedisArgument {
  package var redisBytes: [UInt8] { Array(utf8) }
}

extension [UInt8]: RedisArgument {
  package var redisBytes: [UInt8] { self }
}

extension Int: RedisArgument {
  package var redisBytes: [UInt8] { Array(String(self).utf8) }
}
