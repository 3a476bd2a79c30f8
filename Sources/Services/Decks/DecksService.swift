import HTTPService
import Hummingbird
import Kafka
import Logging
import ObjectStore
import Postgres
import ServiceContract
import ServiceLifecycle
import ServiceStore
import Telemetry

/// The decks service: decks, cards, their images, categories, import and export; learning them; and what works beside its
/// answers.
package struct DecksService: Sendable {
  /// What the service stands on.
  package struct Ground: Sendable {
    package let database: PostgresPool
    package let images: ObjectStore
    package let signal: OutboxSignal
    package let metrics: MetricsRegistry
    package let log: Logger

    package init(
      database: PostgresPool, images: ObjectStore, signal: OutboxSignal, metrics: MetricsRegistry, log: Logger
    ) {
      self.database = database
      self.images = images
      self.signal = signal
      self.metrics = metrics
      self.log = log
    }
  }

  package let api: API<CallContext>
  private let ground: Ground
  private let outbox: OutboxWriter
  private let sweeper: ImageSweeper
  private let sessionSweeper: SessionSweeper

  package init(_ ground: Ground) {
    self.ground = ground
    outbox = OutboxWriter()
    sweeper = ImageSweeper(
      sweeps: ImageSweepStore(pool: ground.database), store: ground.images,
      deleted: ground.metrics.counter(
        "decks_images_deleted_total", help: "Objects deleted because no card has them any more."), log: ground.log)
    var api = API<CallContext>(
      service: "Decks", version: "1", notes: "Decks of cards: made, shared, found, copied, imported and exported.")
    let urls = ImageURLs(ground.images)
    Self.addContent(to: &api, ground, outbox, urls)
    let learning = LearningStore(
      ground.database, outbox: outbox, signal: ground.signal, metrics: LearningMetrics(ground.metrics))
    LearningOperations(learning) { key, version in
      CardImageKey(key).flatMap { try? urls.url($0, version: version, in: urls.currentWindow) }
    }.add(to: &api)
    ServiceOperations(lookup: DeckLookup(pool: ground.database), learning: learning).add(to: &api)
    sessionSweeper = SessionSweeper(learning, log: ground.log)
    self.api = api
  }

  private static func addContent(
    to api: inout API<CallContext>, _ ground: Ground, _ outbox: OutboxWriter, _ urls: ImageURLs
  ) {
    let (pool, signal) = (ground.database, ground.signal)
    let sweeps = ImageSweepStore(pool: pool)
    let decks = DeckStore(pool: pool, outbox: outbox)
    let createdDecks = ground.metrics.counter("decks_created_total", help: "Decks made, copies included.")
    let createdCards = ground.metrics.counter(
      "cards_created_total", help: "Cards made, copied and imported ones included.")
    DeckOperations(list: DeckList(pool), decks: decks, urls: urls, signal: signal, created: createdDecks)
      .add(to: &api)
    CardOperations(
      editor: CardEditor(
        cards: CardStore(pool: pool, outbox: outbox), sweeps: sweeps, intake: ImageIntake(store: ground.images),
        urls: urls), urls: urls, signal: signal, created: createdCards
    ).add(to: &api)
    FileOperations(
      decks: decks,
      copies: DeckCopier(
        decks: decks, copies: DeckCopyStore(pool: pool, outbox: outbox), sweeps: sweeps, store: ground.images),
      imports: CardImport(pool: pool, outbox: outbox), urls: urls, signal: signal, createdDecks: createdDecks,
      createdCards: createdCards
    ).add(to: &api)
    let anki = AnkiOperations(
      decks: decks, reader: AnkiReader(),
      importer: AnkiImporter(
        decks: decks, imports: AnkiImportStore(pool: pool, outbox: outbox), sweeps: sweeps, store: ground.images),
      signal: signal, created: createdCards)
    anki.add(to: &api)
    ExportOperations(export: PersonalExport(store: ExportStore(pool: pool), urls: urls)).add(to: &api)
    UploadOperations(store: ground.images).add(to: &api)
    CategoryOperations(categories: CategoryStore(pool: pool)).add(to: &api)
  }

  /// - Parameter checks: what must hold for the service to be ready.
  package func router(
    secrets: TrustSecrets, deadline: RequestDeadline, clock: RequestClock, checks: [HealthCheck]
  ) -> Router<CallContext> {
    ServiceRouter(
      api, service: "decks", secrets: secrets, deadline: deadline, clock: clock, checks: checks,
      metrics: ground.metrics, translate: Self.failure
    ).router()
  }

  /// What works beside the answers: images are swept, sessions that were left are ended, and what erased people leave is erased.
  /// - Parameter database: for a session of the follower's own.
  package func companions(kafka: KafkaConfiguration, database: PostgresConfiguration) -> [any Service] {
    [
      sweeper, sessionSweeper,
      ErasureFollower(
        kafka: kafka, group: "decks-erasure", signal: ground.signal,
        erased: ground.metrics.counter(
          "decks_owners_erased_total", help: "People erased whose decks were looked through."),
        failed: ground.metrics.counter(
          "decks_erasure_failures_total", help: "Attempts to erase that failed and are repeated."),
        log: ground.log
      ) { [outbox] in ErasureStore(database, outbox: outbox) },
    ]
  }

  /// Sweeps images that are due, once.
  package func sweepImages() async throws {
    try await sweeper.prepare()
    try await sweeper.sweep()
  }

  private static func failure(_ error: any Error) -> RequestFailure? {
    switch error {
    case let error as PostgresError: StoreFailures.translate(error)
    case let error as ObjectStoreError: ImageFailures.translate(error)
    default: nil
    }
  }
}
