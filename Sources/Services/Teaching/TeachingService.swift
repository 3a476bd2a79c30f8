import HTTPService
import Hummingbird
import Kafka
import Logging
import Postgres
import ServiceContract
import ServiceLifecycle
import ServiceStore
import Telemetry

/// The teaching service: courses, the decks in them, and who is enrolled; and what works beside its answers.
package struct TeachingService: Sendable {
  /// What the service stands on.
  package struct Ground: Sendable {
    package let database: PostgresPool
    /// The decks service and the users service.
    package let decks, users: ServiceClient
    package let signal: OutboxSignal
    package let metrics: MetricsRegistry
    package let log: Logger

    package init(
      database: PostgresPool, decks: ServiceClient, users: ServiceClient, signal: OutboxSignal,
      metrics: MetricsRegistry, log: Logger
    ) {
      self.database = database
      self.decks = decks
      self.users = users
      self.signal = signal
      self.metrics = metrics
      self.log = log
    }
  }

  package let api: API<CallContext>
  private let ground: Ground
  private let outbox: OutboxWriter

  package init(_ ground: Ground) {
    self.ground = ground
    outbox = OutboxWriter()
    var api = API<CallContext>(
      service: "Teaching", version: "1",
      notes: """
        Courses of decks, and those who are enrolled. A course that is not published is 404 for who is not in it; whoever makes \
        one teaches it.
        """)
    let titles = DeckTitles(
      directory: DeckDirectory(
        ground.decks,
        failures: ground.metrics.counter(
          "teaching_titles_missed_total", help: "Times that the decks service did not say what decks are called."),
        log: ground.log))
    Self.addCourses(to: &api, ground, outbox, titles)
    Self.addEnrollments(to: &api, ground, outbox)
    self.api = api
  }

  private static func addCourses(
    to api: inout API<CallContext>, _ ground: Ground, _ outbox: OutboxWriter, _ titles: DeckTitles
  ) {
    let (pool, signal) = (ground.database, ground.signal)
    let courses = CourseStore(pool: pool, outbox: outbox)
    CourseOperations(
      list: CourseList(pool), courses: courses, titles: titles, people: PeopleDirectory(ground.users), signal: signal,
      created: ground.metrics.counter("teaching_courses_created_total", help: "Courses made.")
    ).add(to: &api)
    CourseDeckOperations(
      courses: courses, decks: CourseDeckStore(pool: pool, outbox: outbox), titles: titles, signal: signal
    ).add(to: &api)
    JoinCodeOperations(codes: JoinCodeStore(pool: pool)).add(to: &api)
  }

  private static func addEnrollments(to api: inout API<CallContext>, _ ground: Ground, _ outbox: OutboxWriter) {
    let (pool, signal) = (ground.database, ground.signal)
    let enrollments = EnrollmentStore(pool: pool, outbox: outbox)
    let created = ground.metrics.counter(
      "teaching_enrollments_created_total", help: "People who were enrolled, again after they had left included.")
    EnrollmentOperations(
      list: EnrollmentList(pool: pool), enrollments: enrollments, signal: signal, created: created
    ).add(to: &api)
    BatchOperations(
      courses: CourseStore(pool: pool, outbox: outbox), enrollments: enrollments,
      people: PeopleDirectory(ground.users), signal: signal, created: created
    ).add(to: &api)
    InternalOperations(exports: ExportStore(pool: pool)).add(to: &api)
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

  /// What works beside the answers: what erased people leave is erased.
  /// - Parameter database: for a session of the follower's own.
  package func companions(kafka: KafkaConfiguration, database: PostgresConfiguration) -> [any Service] {
    [
      ErasureFollower(
        kafka: kafka, group: "teaching-erasure", signal: ground.signal,
        erased: ground.metrics.counter(
          "teaching_people_erased_total", help: "People erased whose courses were looked through."),
        failed: ground.metrics.counter(
          "teaching_erasure_failures_total", help: "Attempts to erase that failed and are repeated."),
        log: ground.log
      ) { [outbox] in ErasureStore(database, outbox: outbox) }
    ]
  }

  private static func failure(_ error: any Error) -> RequestFailure? {
    switch error {
    case let error as PostgresError: StoreFailures.translate(error)
    case let error as ServiceCallError: error.failure
    default: nil
    }
  }
}
