import ClickHouse

/// The database, and who may do what in it: the roles `analytics_writing` and `analytics_reading`, a settings profile that
/// limits the reader, and a user for each. May be run again at any time; rights on further databases are added.
package struct AccessControl {
  package struct User: Sendable {
    package let name: String
    package let password: String

    package init(name: String, password: String) {
      self.name = name
      self.password = password
    }
  }

  /// As a user who may create users, roles and databases; without a database of its own.
  private let admin: ClickHouseConnection
  private let database: String

  private static let writing = "analytics_writing"
  private static let reading = "analytics_reading"
  private static let readerProfile = "analytics_reader_limits"
  private static let writerProfile = "analytics_writer_settings"
  private static let engines = [
    "MergeTree", "ReplacingMergeTree", "SummingMergeTree", "AggregatingMergeTree", "CollapsingMergeTree",
    "VersionedCollapsingMergeTree", "Memory", "Null", "Set", "Join",
  ]

  package init(admin: ClickHouseConnection, database: String) {
    self.admin = admin
    self.database = database
  }

  package func apply(writer: User, reader: User, limits: ReaderLimits = ReaderLimits()) throws(MigrationError) {
    let name = SQLText.identifier(database)
    try run("creating the database \(database)", "CREATE DATABASE IF NOT EXISTS \(name)")
    try grantWriting(name)
    try grantReading(name, limits)
    try ensure(writer, role: Self.writing, profile: Self.writerProfile)
    try ensure(reader, role: Self.reading, profile: Self.readerProfile)
  }

  private func grantWriting(_ database: String) throws(MigrationError) {
    let doing = "giving the writer its rights"
    try run(doing, "CREATE SETTINGS PROFILE IF NOT EXISTS \(Self.writerProfile)")
    // Its answers to `IN (SELECT …)` would be out of date on ClickHouse 25.5, and the writer reconciles and audits by them.
    if try knownSettings(doing).contains("use_query_condition_cache") {
      try run(doing, "ALTER SETTINGS PROFILE \(Self.writerProfile) SETTINGS use_query_condition_cache = 0")
    }
    try run(doing, "CREATE ROLE IF NOT EXISTS \(Self.writing)")
    try run(
      doing,
      """
      GRANT SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE DICTIONARY, DROP, TRUNCATE,
      OPTIMIZE, dictGet, SYSTEM MERGES, SYSTEM FLUSH ON \(database).* TO \(Self.writing)
      """)
    try run(
      doing, "GRANT SELECT ON system.parts, SELECT ON system.mutations, SELECT ON system.processes TO \(Self.writing)")
    let known = try MigrationError.wrap(doing) { () throws(ClickHouseError) in
      try admin.rows("SELECT name FROM system.table_engines").map { $0[0] }
    }
    for engine in Self.engines where known.contains(engine) {
      try run(doing, "GRANT TABLE ENGINE ON \(engine) TO \(Self.writing)")
    }
  }

  private func grantReading(_ database: String, _ limits: ReaderLimits) throws(MigrationError) {
    let doing = "giving the reader its rights and limits"
    let known = try knownSettings(doing)
    try run(doing, "CREATE SETTINGS PROFILE IF NOT EXISTS \(Self.readerProfile)")
    try run(
      doing,
      "ALTER SETTINGS PROFILE \(Self.readerProfile) SETTINGS "
        + limits.elements(known: known).joined(separator: ", "))
    try run(doing, "CREATE ROLE IF NOT EXISTS \(Self.reading)")
    try run(doing, "GRANT SHOW, SELECT, dictGet ON \(database).* TO \(Self.reading)")
  }

  private func knownSettings(_ doing: String) throws(MigrationError) -> [String] {
    try MigrationError.wrap(doing) { () throws(ClickHouseError) in
      try admin.rows("SELECT name FROM system.settings WHERE is_obsolete = 0").map { $0[0] }
    }
  }

  /// The password travels only if the user does not have it yet. ClickHouse keeps a salted hash of it, and hides it in
  /// its logs.
  private func ensure(_ user: User, role: String, profile: String) throws(MigrationError) {
    let doing = "creating the user \(user.name)"
    let name = SQLText.identifier(user.name)
    let identified = "IDENTIFIED WITH sha256_password BY \(SQLText.literal(user.password))"
    try run(doing, "CREATE USER IF NOT EXISTS \(name) \(identified)")
    if try !accepts(user) { try run(doing, "ALTER USER \(name) \(identified)") }
    try run(doing, "GRANT \(role) TO \(name)")
    try run(doing, "ALTER USER \(name) DEFAULT ROLE \(role) SETTINGS PROFILE '\(profile)'")
  }

  private func accepts(_ user: User) throws(MigrationError) -> Bool {
    let doing = "logging in as \(user.name)"
    guard
      let configuration = try? ClickHouseConfiguration(
        url: admin.configuration.url, user: user.name, password: user.password)
    else {
      throw .server(doing: doing, .clickHouse(.protocolViolation("the name or password holds control characters")))
    }
    return try MigrationError.wrap(doing) { () throws(ClickHouseError) in
      do throws(ClickHouseError) {
        try ClickHouseConnection(configuration).execute("SELECT 1")
        return true
      } catch {
        if error.isRefusedLogin { return false }
        throw error
      }
    }
  }

  private func run(_ doing: String, _ sql: String) throws(MigrationError) {
    try MigrationError.wrap(doing) { () throws(ClickHouseError) in
      // Another runner may create the same at the same moment.
      do throws(ClickHouseError) {
        try admin.execute(sql)
      } catch {
        guard error.isAlreadyThere else { throw error }
      }
    }
  }
}

extension ClickHouseError {
  /// ACCESS_ENTITY_ALREADY_EXISTS, DATABASE_ALREADY_EXISTS.
  fileprivate var isAlreadyThere: Bool {
    if case .server(let code, _, _) = self { code == 493 || code == 82 } else { false }
  }
}
