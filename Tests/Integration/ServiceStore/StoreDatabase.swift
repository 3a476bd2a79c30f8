import Foundation
import Migrations
import Postgres
import RealServers

/// A database with a service's first migration, of one test's own.
final class StoreDatabase {
  let database: PostgresDatabase
  var admin: PostgresConnection { database.admin }
  var configuration: PostgresConfiguration { database.configuration }

  init(_ server: PostgresConfiguration? = nil) throws {
    database = try PostgresDatabase(server)
    let folder = Kartoteka.root.appending(path: "postgres/users").path
    let migrations = try Migration.load(folder: folder, dialect: .postgres)
    _ = try PostgresMigrationRunner(migrations, database.configuration).up(to: 1)
  }
}
