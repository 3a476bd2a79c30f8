/// Where a Postgres database is, as whom to speak to it, and the bounds of a session.
package struct PostgresConfiguration: Sendable {
  /// How the connection is encrypted, as in libpq's `sslmode`.
  package enum Encryption: String, Sendable, CaseIterable {
    case disable, prefer, require
    case verifyCA = "verify-ca"
    case verifyFull = "verify-full"
  }

  /// A name, or a numeric address without brackets.
  package let host: String
  package let port: Int
  package let user: String
  let password: String
  package var database: String
  package let encryption: Encryption
  /// As the server's operators see it in `pg_stat_activity`.
  package var applicationName: String
  /// For opening a session, the look-up of the host's name included.
  package var connectTimeout: Duration = .seconds(5)
  /// How long a statement waits for a lock before it fails with 55P03.
  package var lockTimeout: Duration = .seconds(2)
  /// After how long without a statement the server ends a session that is within a transaction.
  package var idleInTransactionTimeout: Duration = .seconds(10)

  /// - Parameter url: `postgresql://user:password@host:port/database`, each part percent-encoded where it needs to be;
  ///   `?sslmode=` with one of ``Encryption`` may follow (without it: prefer).
  /// - Throws: ``InvalidPostgresURL``, which never repeats what was given.
  package init(url: String, applicationName: String = "kartoteka") throws(InvalidPostgresURL) {
    let parts = try PostgresURL(url)
    host = parts.host
    port = parts.port
    user = parts.user
    password = parts.password
    database = parts.database
    encryption = parts.encryption
    self.applicationName = applicationName
  }

  /// libpq's parameters for these addresses of the host.
  func parameters(addresses: [String]) -> [(name: String, value: String)] {
    func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
    let session = [
      "lock_timeout": milliseconds(lockTimeout),
      "idle_in_transaction_session_timeout": milliseconds(idleInTransactionTimeout),
      // A query whose client has gone is stopped.
      "client_connection_check_interval": 1000,
    ]
    let options = session.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }
    return [
      ("host", addresses.map { _ in host }.joined(separator: ",")),
      ("hostaddr", addresses.joined(separator: ",")), ("port", String(port)),
      ("user", user), ("password", password), ("dbname", database), ("application_name", applicationName),
      ("client_encoding", "UTF8"), ("sslmode", encryption.rawValue), ("gssencmode", "disable"),
      // Nothing of whoever runs the process: no password file, no session kind of the environment.
      ("passfile", "/dev/null"), ("target_session_attrs", "any"), ("keepalives_idle", "30"),
      (
        "options",
        (options + [
          "-c client_min_messages=warning", "-c standard_conforming_strings=on", "-c TimeZone=UTC",
        ]).joined(separator: " ")
      ),
    ]
  }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "database \(database)" }
  package var debugDescription: String { description }
  /// Without password and address, so that `dump` and string interpolation cannot leak them.
  package var customMirror: Mirror { Mirror(self, children: ["database": database]) }
}
