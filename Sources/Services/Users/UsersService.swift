import CivilTime
import HTTPService
import Hummingbird
import ServiceContract
import ServiceStore
import Telemetry

/// People: who they are, what they prove themselves by, and how they leave.
package struct UsersService: Sendable {
  package private(set) var api = API<CallContext>(
    service: "Users", version: "1",
    notes: """
      People and their passwords. What a caller may not know of is 404 for him. Logging in is the auth service's, which asks \
      this one.
      """)
  let store: UserStore
  let hasher: PasswordHasher
  let policy: PasswordPolicy
  let sessions: any SessionRevoker
  let export: PersonalExport
  let metrics: MetricsRegistry
  let wallClock: @Sendable () -> Int64

  /// - Parameters:
  ///   - hasher: is the caller's to close.
  ///   - wallClock: the true time, milliseconds since 1970: codes expire by it.
  package init(
    store: UserStore, hasher: PasswordHasher, policy: PasswordPolicy, sessions: any SessionRevoker,
    export: PersonalExport,
    metrics: MetricsRegistry, wallClock: @escaping @Sendable () -> Int64 = RequestClock.wallClock
  ) {
    self.store = store
    self.hasher = hasher
    self.policy = policy
    self.sessions = sessions
    self.export = export
    self.metrics = metrics
    self.wallClock = wallClock
    observeHasher()
    addReading()
    addChanging()
    addPasswords()
    addPeople()
    addExport()
  }

  /// - Parameter checks: what must hold for the service to be ready.
  package func router(
    secrets: TrustSecrets, deadline: RequestDeadline, clock: RequestClock, checks: [HealthCheck]
  ) -> Router<CallContext> {
    ServiceRouter(
      api, service: "users", secrets: secrets, deadline: deadline, clock: clock,
      checks: checks, metrics: metrics, translate: UsersFailures.translate
    ).router()
  }

  /// By which codes expire and guesses are counted, whatever time the request happens at.
  var trueTime: @Sendable () -> Instant {
    { [wallClock] in Instant(milliseconds: Int(wallClock())) }
  }

  mutating func on<Path, Query, Body, Success>(
    _ operation: APIOperation<Path, Query, Body, Success>,
    _ answer: @escaping @Sendable (Call<Path, Query, Body>, CallContext) async throws -> Reply<Success>
  ) {
    api.on(operation, answer)
  }

  private func observeHasher() {
    metrics.gauges("users_password_hasher_waiting", help: "Passwords that wait to be hashed or compared.") {
      [hasher] in [.init(Double(hasher.load.waiting))]
    }
    metrics.counters("users_password_hasher_refused_total", help: "Passwords refused because too many waited.") {
      [hasher] in [.init(Double(hasher.load.overloaded))]
    }
  }
}
