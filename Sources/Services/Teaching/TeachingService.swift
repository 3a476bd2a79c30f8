import HTTPService
import Hummingbird
import Postgres
import ServiceContract
import ServiceStore
import Telemetry

/// The teaching service: courses, the decks in them, and who is enrolled.
package struct TeachingService: Sendable {
  /// What the service stands on.
  package struct Ground: Sendable {
    package let database: PostgresPool
    package let signal: OutboxSignal
    package let metrics: MetricsRegistry

    package init(database: PostgresPool, signal: OutboxSignal, metrics: MetricsRegistry) {
      self.database = database
      self.signal = signal
      self.metrics = metrics
    }
  }

  package let api: API<CallContext>
  private let ground: Ground

  package init(_ ground: Ground) {
    self.ground = ground
    api = API<CallContext>(
      service: "Teaching", version: "1", notes: "Courses of decks, those who are enrolled, and how far they are.")
  }

  /// - Parameter checks: what must hold for the service to be ready.
  package func router(
    secrets: TrustSecrets, deadline: RequestDeadline, clock: RequestClock, checks: [HealthCheck]
  ) -> Router<CallContext> {
    ServiceRouter(
      api, service: "teaching", secrets: secrets, deadline: deadline, clock: clock, checks: checks,
      metrics: ground.metrics, translate: Self.failure
    ).router()
  }

  private static func failure(_ error: any Error) -> RequestFailure? {
    switch error {
    case let error as PostgresError: StoreFailures.translate(error)
    default: nil
    }
  }
}
