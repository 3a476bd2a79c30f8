import HTTPService
import Postgres

/// Whether a service's database answers and has been migrated.
package enum DatabaseCheck {
  private static let patience = Duration.seconds(2)

  /// - Parameter pool: the one that the service's requests use; or one of its own, if load shall not make it unready.
  package static func check(_ pool: PostgresPool) -> HealthCheck {
    HealthCheck("postgres") {
      do throws(PostgresError) {
        let rows = try await pool.run(StoreSchema.read(), until: .now + patience)
        return try StoreSchema.problem(rows).map { .notReady($0) } ?? .ready
      } catch {
        return .notReady("\(error)")
      }
    }
  }
}
