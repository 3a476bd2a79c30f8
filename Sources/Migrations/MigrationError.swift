import ClickHouse
import Postgres

/// Why migrating failed, for the person who has to do something about it.
package enum MigrationError: Error, Sendable, Equatable {
  case folder(String, String)
  case file(String, String)
  /// An applied file is not what it was.
  case changed(file: String)
  /// A finished statement of a file that is applied in part is not what it was.
  case changedStatement(file: String, number: Int, line: Int)
  /// The ledger names a file that is not there.
  case missing(file: String)
  /// The ledger has a later file, or a part of one, and not this one.
  case skipped(file: String, before: String)
  /// A statement failed; those before it stay applied.
  case statement(file: String, number: Int, line: Int, DatabaseError)
  case locked(by: String, waitedSeconds: Int)
  /// The lock was not renewed in time; another runner may have taken it.
  case lockLost(file: String, number: Int)
  /// Anything else that the server did not do; the text says what.
  case server(doing: String, DatabaseError)
}

/// What a server said.
package enum DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
  case clickHouse(ClickHouseError)
  case postgres(PostgresError)

  package var description: String {
    switch self {
    case .clickHouse(let error): "\(error)"
    // A migration is read by whoever wrote it: the whole sentence.
    case .postgres(.server(let error)): "Postgres error \(error.sqlState): \(error.message)"
    case .postgres(let error): "\(error)"
    }
  }
}

extension MigrationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .folder(let path, let reason): "the folder \(path) \(reason)"
    case .file(let file, let reason): "\(file) \(reason)"
    case .changed(let file):
      "\(file) was changed after it was applied. Restore it, and write the change as a new file"
    case .changedStatement(let file, let number, let line):
      "\(file) is applied in part, and its statement \(number) (line \(line)), which is done, was changed or is gone. "
        + "Restore it; the statements that are not done may be changed"
    case .missing(let file): "\(file) was applied and is no longer there. Restore it"
    case .skipped(let file, let later):
      "\(file) is not applied, and \(later), which comes after it, is. Mend the ledger schema_migrations"
    case .statement(let file, let number, let line, let error):
      "\(file), statement \(number), line \(line): \(error). What came before it is applied; "
        + "run the command again once this is mended, and it goes on there"
    case .locked(let runner, let seconds):
      "another runner (\(runner)) is migrating this database; gave up after \(seconds) s. "
        + "If it is dead, its lock expires by itself"
    case .lockLost(let file, let number):
      "\(file), statement \(number): the lock could not be renewed in time, so another runner may be at work. "
        + "Run the command again"
    case .server(let doing, let error): "\(doing): \(error)"
    }
  }
}

extension MigrationError {
  /// Whether ClickHouse refused the user, or what the user may do.
  package var isRefusal: Bool {
    if case .server(_, .clickHouse(let error)) = self { error.isRefusedLogin || error.isAccessDenied } else { false }
  }

  /// Runs `body` and says what was being done if ClickHouse refuses.
  static func wrap<Value>(_ doing: String, _ body: () throws(ClickHouseError) -> Value) throws(MigrationError) -> Value
  {
    do throws(ClickHouseError) {
      return try body()
    } catch {
      throw .server(doing: doing, .clickHouse(error))
    }
  }

  /// Runs `body` and says what was being done if Postgres refuses.
  static func wrap<Value>(_ doing: String, postgres body: () throws(PostgresError) -> Value) throws(MigrationError)
    -> Value
  {
    do throws(PostgresError) {
      return try body()
    } catch {
      throw .server(doing: doing, .postgres(error))
    }
  }
}
