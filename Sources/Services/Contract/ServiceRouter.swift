import HTTPService
import Hummingbird
import Telemetry

extension API where Context == CallContext {
  /// The API of a domain service: what each operation's access means is decided here.
  package init(service title: String, version: String, notes: String) {
    self.init(
      title: title, version: version, notes: notes,
      commonFailures: [
        CallerReader.malformed, CallerReader.unvouched, Caller.unauthenticated, Caller.serviceOnly, Caller.forbidden,
        RequestDeadline.malformed, RequestDeadline.exceeded, RequestClock.refused,
      ],
      authorize: { access, context throws(RequestFailure) in try context.caller.check(access) })
  }
}

/// A service's routes, with all that stands before them, in the one right order.
package struct ServiceRouter: Sendable {
  private let api: API<CallContext>
  private let reader: CallerReader
  private let name: String
  private let deadline: RequestDeadline
  private let clock: RequestClock
  private let checks: [HealthCheck]
  private let metrics: MetricsRegistry
  private let translate: @Sendable (any Error) -> RequestFailure?

  /// - Parameters:
  ///   - service: its name, as `users`, which its HTTP metrics begin with.
  ///   - checks: what the service needs to be ready.
  ///   - translate: the service's own errors to failures; nil for errors it does not know, which become a 500 without detail.
  package init(
    _ api: API<CallContext>, service: String, secrets: TrustSecrets, deadline: RequestDeadline, clock: RequestClock,
    checks: [HealthCheck], metrics: MetricsRegistry,
    translate: @escaping @Sendable (any Error) -> RequestFailure? = { _ in nil }
  ) {
    self.api = api
    name = service
    reader = CallerReader(secrets)
    self.deadline = deadline
    self.clock = clock
    self.checks = checks
    self.metrics = metrics
    self.translate = translate
  }

  package func router() -> Router<CallContext> {
    let router = Router(context: CallContext.self, options: .autoGenerateHeadEndpoints)
    router.add(
      middleware: RequestFrame(
        observer: RequestObserver(metrics: metrics, service: name),
        failures: FailureBodies(codes: .capitals, metrics: metrics, service: name, translate: translate),
        methods: MethodRefusal(api), complete: AnswerHeaders.complete))
    // Whoever looks after the service, or reads about it, need not say who he is.
    OperationsRoutes(checks: checks, metrics: metrics).add(to: router)
    DocsRoutes(api).add(to: router)
    api.add(to: router, introduce: CallIntroduction(reader: reader, deadline: deadline, clock: clock).introduce)
    return router
  }
}
