import HTTPServiceTesting
import Postgres
import ServiceContract
import ServiceStore
import Settings
import Teaching
import Telemetry

/// The service beside a database where nothing listens: all that happens before it is asked.
struct UnreachableTeaching {
  let client: RouterClient<CallContext>

  init() throws {
    let database = try PostgresConfiguration(url: "postgresql://nobody:none@127.0.0.1:1/teaching")
    let service = TeachingService(
      .init(database: PostgresPool(database), signal: OutboxSignal(), metrics: MetricsRegistry()))
    let secrets = try TrustSecrets(Settings(environment: [:]))
    let router = service.router(
      secrets: secrets, deadline: RequestDeadline(longest: .seconds(10)), clock: RequestClock(secrets, isLocal: true),
      checks: [])
    client = RouterClient(router, of: service.api)
  }
}
