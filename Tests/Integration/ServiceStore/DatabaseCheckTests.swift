import HTTPService
import Postgres
import RealServers
import ServiceStore
import Testing

@Suite struct DatabaseCheckTests {
  private func outcome(_ configuration: PostgresConfiguration) async -> HealthCheck.Outcome {
    let pool = PostgresPool(configuration, connections: 1)
    let outcome = await DatabaseCheck.check(pool).run()
    await pool.close()
    return outcome
  }

  @Test func readyOnceMigrated() async throws {
    let store = try StoreDatabase()
    #expect(await outcome(store.configuration) == .ready)
    try store.admin.sql("ALTER TABLE outbox ADD COLUMN ours int")
    #expect(await outcome(store.configuration) == .ready)
    try store.admin.sql("ALTER TABLE outbox_parked DROP COLUMN reason")
    #expect(
      await outcome(store.configuration)
        == .notReady(
          "the table outbox_parked has other columns than this version of the service: apply the service's migrations"))
    try store.admin.sql("DROP TABLE outbox_parked")
    #expect(
      await outcome(store.configuration)
        == .notReady("there is no table outbox_parked: apply the service's migrations"))
  }

  @Test func notReadyWithoutAServer() async throws {
    var configuration = try PostgresConfiguration(url: "postgresql://nobody:secret@127.0.0.1:1/none")
    configuration.connectTimeout = .seconds(1)
    #expect(
      await outcome(configuration)
        == .notReady("cannot connect to Postgres: nothing listens there; is the server running?"))
  }
}
