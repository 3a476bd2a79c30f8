/// Where a ClickHouse server is, as whom to speak to it, and for how long to wait.
package struct ClickHouseConfiguration: Sendable {
  /// `http://host:port` or `https://host:port`, without credentials, query or trailing slash.
  package let url: String
  /// The database unqualified names refer to; empty for the server's default.
  package let database: String
  package let user: String
  package let password: String
  /// Time to establish a connection, in milliseconds.
  package var connectTimeoutMs: Int
  /// Time for a whole request and its answer, in milliseconds; 0 for no limit.
  package var requestTimeoutMs: Int
  /// Settings sent with every request. The default asks for exceptions as text, also in the middle of a JSON answer:
  /// without it ClickHouse ends a broken JSON answer as if it were whole. A `readonly = 1` user needs the same value in
  /// its profile.
  package var settings: [String: String]
  /// The largest answer held in memory as one array; larger ones have to be streamed.
  package var maximumAnswerBytes: Int
  /// Ask for answers in LZ4 frames. Worth it over a network; on one machine it costs more than it saves.
  package var compressedAnswers: Bool

  /// Throws ``InvalidClickHouseConfiguration`` if `url` is no plain `http(s)://host[:port]` or a name or password
  /// holds control characters (they travel in headers).
  package init(
    url: String, database: String = "", user: String = "default", password: String = "",
    connectTimeoutMs: Int = 5_000, requestTimeoutMs: Int = 60_000,
    settings: [String: String] = ["http_write_exception_in_output_format": "0"], maximumAnswerBytes: Int = 256 << 20,
    compressedAnswers: Bool = false
  ) throws(InvalidClickHouseConfiguration) {
    var rest = url[...]
    while rest.last == "/" { rest.removeLast() }
    self.url = String(rest)
    guard rest.hasPrefix("http://") || rest.hasPrefix("https://") else { throw .scheme }
    rest = rest.drop { $0 != "/" }.dropFirst(2)
    guard !rest.contains("@") else { throw .credentials }
    guard !rest.isEmpty, rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !rest.contains(where: { "/?#".contains($0) })
    else { throw .notAHost }
    guard !(database + user + password).unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f })
    else { throw .controlCharacter }
    self.database = database
    self.user = user
    self.password = password
    self.connectTimeoutMs = connectTimeoutMs
    self.requestTimeoutMs = requestTimeoutMs
    self.settings = settings
    self.maximumAnswerBytes = maximumAnswerBytes
    self.compressedAnswers = compressedAnswers
  }

  var isSecure: Bool { url.hasPrefix("https://") }
}

extension ClickHouseConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "\(user)@\(url)\(database.isEmpty ? "" : "/\(database)")" }
  package var debugDescription: String { description }
  /// Without the password, so that `dump` and string interpolation cannot leak it.
  package var customMirror: Mirror { Mirror(self, children: ["url": url, "database": database, "user": user]) }
}

/// What is wrong with a ``ClickHouseConfiguration``. Never repeats what was given: it may be or hold a password.
package enum InvalidClickHouseConfiguration: Error, Sendable, CustomStringConvertible {
  case scheme, credentials, notAHost, controlCharacter

  package var description: String {
    switch self {
    case .scheme: "the ClickHouse URL must begin with http:// or https://, as in http://localhost:8123"
    case .credentials:
      "the ClickHouse URL must not contain a user or password: give them in the settings of their own"
    case .controlCharacter: "the ClickHouse database, user and password must not contain control characters"
    case .notAHost: "the ClickHouse URL must be a scheme, a host and a port only, as in http://localhost:8123"
    }
  }
}
