/// Where a Redis server is, as whom to speak to it, and for how long to wait.
package struct RedisConfiguration: Sendable {
  package let host: String
  package let port: Int
  /// Nil for Redis's `default` user.
  package let user: String?
  package let password: String?
  /// The number of the database.
  package let database: Int
  /// Time to find the host and to establish a connection; less where a command's deadline comes first.
  package var connectTimeout = Duration.seconds(1)
  /// When a command that is given no deadline must have been answered, from when it was asked for.
  package var commandTimeout = Duration.seconds(1)
  /// What the replies of one exchange (of a pipeline, all of them) may take; more is refused, and the connection dropped.
  package var maximumReplyBytes = 16 << 20

  /// Reads `redis://[[user]:password@]host[:port][/database]`, user and password percent-encoded; the port is 6379 if not
  /// given, the database 0.
  package init(url: String) throws(InvalidRedisConfiguration) {
    guard url.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f }) else { throw .characters }
    guard !url.hasPrefix("rediss://") else { throw .tls }
    guard url.hasPrefix("redis://") else { throw .scheme }
    let rest = url.dropFirst("redis://".count)
    guard !rest.contains("?"), !rest.contains("#") else { throw .parts }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let at = rest[..<slash].lastIndex(of: "@")
    (user, password) = try Self.credentials(at.map { rest[..<$0] })
    (host, port) = try Self.address(rest[(at.map(rest.index(after:)) ?? rest.startIndex)..<slash])
    database = try Self.database(rest[slash...].dropFirst())
  }

  private static func credentials(
    _ text: Substring?
  ) throws(InvalidRedisConfiguration) -> (user: String?, password: String?) {
    guard let text else { return (nil, nil) }
    guard let colon = text.firstIndex(of: ":") else { throw .credentials }
    guard let user = decoded(text[..<colon]), let password = decoded(text[text.index(after: colon)...]),
      !password.isEmpty
    else { throw .credentials }
    return (user.isEmpty ? nil : user, password)
  }

  private static func address(_ text: Substring) throws(InvalidRedisConfiguration) -> (host: String, port: Int) {
    var (host, rest) = (text, Substring())
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { throw .host }
      host = text[..<end].dropFirst()
      rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.first == ":" else { throw .host }
    } else if let colon = text.firstIndex(of: ":") {
      (host, rest) = (text[..<colon], text[colon...])
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 < 0x7f }), !host.contains("@"), !host.contains("[") else {
      throw .host
    }
    guard !rest.isEmpty else { return (String(host), 6379) }
    guard let port = number(rest.dropFirst()), (1...65535).contains(port) else { throw .port }
    return (String(host), port)
  }

  private static func database(_ text: Substring) throws(InvalidRedisConfiguration) -> Int {
    guard !text.isEmpty else { return 0 }
    guard let database = number(text), database <= 65535 else { throw .database }
    return database
  }

  /// Digits only: `Int` would take a sign too.
  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
  }

  /// Nil if the text is not percent-encoded as it should be, or hides what no password may hold.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
        let byte = UInt8(String(digits) ?? "", radix: 16)
      else { return nil }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "Redis, database \(database)" }
  package var debugDescription: String { description }
  /// Without address and password, so that `dump` and string interpolation cannot leak them.
  package var customMirror: Mirror { Mirror(self, children: ["database": database]) }
}

/// What is wrong with the URL of a ``RedisConfiguration``. Never repeats what was given: it may hold a password.
package enum InvalidRedisConfiguration: Error, Sendable, CustomStringConvertible {
  case scheme, tls, characters, parts, credentials, host, port, database

  private static let example = "as in redis://user:password@localhost:6378/0"

  package var description: String {
    switch self {
    case .scheme: "the Redis URL must begin with redis://, \(Self.example)"
    case .tls: "the Redis URL begins with rediss://, but there is no TLS to Redis here: lead it through a tunnel"
    case .characters: "the Redis URL must not contain blanks or control characters; percent-encode them"
    case .parts: "the Redis URL must not have a query or a fragment; percent-encode ? and # in a password"
    case .credentials: "the Redis URL's part before @ must be user:password or :password, both percent-encoded"
    case .host: "the Redis URL must name a host, \(Self.example)"
    case .port: "the Redis URL's port must be from 1 to 65535"
    case .database: "what follows the Redis URL's host must be the number of a database, \(Self.example)"
    }
  }
}
