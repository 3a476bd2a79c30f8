/// The parts of `postgresql://user:password@host:port/database?sslmode=require`.
struct PostgresURL: Equatable {
  let user: String
  let password: String
  let host: String
  let port: Int
  let database: String
  let encryption: PostgresConfiguration.Encryption

  init(_ text: String) throws(InvalidPostgresURL) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }) else { throw .character }
    let schemes = ["postgresql://", "postgres://"]
    guard let scheme = schemes.first(where: text.hasPrefix) else { throw .scheme }
    let rest = text.utf8.dropFirst(scheme.utf8.count)
    let (authority, path) = Self.cut(rest, at: "/")
    guard let path else { throw .database }
    let (credentials, server) = Self.cut(authority, at: "@")
    guard let server, !server.contains(UInt8(ascii: "@")) else { throw .credentials }

    let (name, secret) = Self.cut(credentials, at: ":")
    user = try Self.decoded(name)
    password = try Self.decoded(secret ?? "".utf8[...])
    guard !user.isEmpty else { throw .credentials }
    (host, port) = try Self.hostAndPort(server)

    let (database, query) = Self.cut(path, at: "?")
    self.database = try Self.decoded(database)
    // A longer name would be cut by the server, and then be another one.
    guard !self.database.isEmpty, self.database.utf8.count <= 63 else { throw .database }
    guard let query, !query.isEmpty else {
      encryption = .prefer
      return
    }
    guard let mode = String(query)?.split(separator: "=", omittingEmptySubsequences: false), mode.count == 2,
      mode[0] == "sslmode", let known = PostgresConfiguration.Encryption(rawValue: String(mode[1]))
    else { throw .parameter }
    encryption = known
  }

  private static func hostAndPort(_ server: Substring.UTF8View) throws(InvalidPostgresURL) -> (String, Int) {
    let host: Substring.UTF8View
    let port: Substring.UTF8View?
    if server.first == UInt8(ascii: "[") {
      let (address, rest) = cut(server.dropFirst(), at: "]")
      guard let rest, !address.isEmpty,
        address.allSatisfy({ isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }),
        rest.isEmpty || rest.first == UInt8(ascii: ":")
      else { throw .host }
      host = address
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else {
      (host, port) = cut(server, at: ":")
      guard !host.isEmpty, host.count <= 255, host.allSatisfy(isHostByte) else { throw .host }
    }
    guard let port else { return (String(Substring(host)), 5432) }
    guard !port.isEmpty, port.count <= 5, port.allSatisfy(isDigit), let number = Int(Substring(port)),
      (1...65535).contains(number)
    else { throw .port }
    return (String(Substring(host)), number)
  }

  private static func cut(
    _ text: Substring.UTF8View, at mark: Unicode.Scalar
  ) -> (Substring.UTF8View, Substring.UTF8View?) {
    guard let place = text.firstIndex(of: UInt8(ascii: mark)) else { return (text, nil) }
    return (text[..<place], text[text.index(after: place)...])
  }

  private static func decoded(_ text: Substring.UTF8View) throws(InvalidPostgresURL) -> String {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst(), let low = rest.popFirst(), isHexDigit(high), isHexDigit(low),
        let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16), value != 0
      else { throw .encoding }
      bytes.append(value)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .encoding }
    return decoded
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
      || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}

/// What is wrong with the URL of a database. Never repeats it: it holds a password.
package enum InvalidPostgresURL: Error, Sendable, CustomStringConvertible {
  case scheme, character, credentials, encoding, host, port, database, parameter

  package var description: String {
    let what =
      switch self {
      case .scheme: "must begin with postgresql://"
      case .character: "may hold printable ASCII without blanks and # only; percent-encode the rest"
      case .credentials: "must name a user before an @; percent-encode an @ within the user or the password (%40)"
      case .encoding: "holds a percent sign without two hexadecimal digits, a NUL, or bytes that are no UTF-8"
      case .host: "must name one host: a name, an address, or an IPv6 address in brackets"
      case .port: "must have a port from 1 to 65535, or none"
      case .database: "must name a database of at most 63 bytes after the host"
      case .parameter:
        "may have no other parameter than sslmode, one of disable, prefer, require, verify-ca, verify-full"
      }
    return "the URL of the database \(what), as in postgresql://user:password@localhost:5433/users"
  }
}
