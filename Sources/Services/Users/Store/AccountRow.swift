import CivilTime
import Postgres
import ServiceStore

/// Reads accounts from rows.
enum AccountRow {
  /// What ``account(_:)`` reads, in this order.
  static let columns = "id, name, surname, email, is_manager, version, created_at, last_login_at, deleted_at"
  /// What ``credentials(_:)`` reads.
  static let credentialColumns = columns + ", password_hash, password_version"

  static func account(_ row: PostgresRow) throws(PostgresError) -> Account {
    var reader = row.reader
    return try account(&reader)
  }

  static func credentials(_ row: PostgresRow) throws(PostgresError) -> Credentials {
    var reader = row.reader
    let account = try account(&reader)
    return Credentials(
      account: account, hash: try reader.next(String?.self).flatMap(PasswordHash.init(phc:)),
      passwordVersion: try reader.next())
  }

  private static func account(_ reader: inout PostgresRowReader) throws(PostgresError) -> Account {
    let (id, name, surname): (Int64, String, String) = (try reader.next(), try reader.next(), try reader.next())
    let (email, isManager, version): (String, Bool, Int64) = (try reader.next(), try reader.next(), try reader.next())
    return Account(
      id: id, name: name, surname: surname, email: email, isManager: isManager, version: version,
      createdAtMicros: try reader.next(PostgresTimestamp.self).microseconds,
      lastLoginAt: try reader.next(PostgresTimestamp?.self).map(Instant.init),
      deletedAt: try reader.next(PostgresTimestamp?.self).map(Instant.init))
  }
}
