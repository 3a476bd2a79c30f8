import HTTPService
import Hummingbird
import ServiceContract
import ServiceStore
import Telemetry

/// Decks from files and as files, and a deck from another.
struct FileOperations: Sendable {
  static let importRefused = FailureDeclaration(
    .badRequest, "IMPORT_REFUSED", "Nothing was imported: details say which rows are wrong and why.")
  static let tag = "import and export"
  private static let limitBytes = 8 << 20
  /// The last two are what browsers take such files for where spreadsheets are installed.
  private static let tableTypes = [
    "text/csv", "text/tab-separated-values", "text/plain", "application/vnd.ms-excel",
  ]

  let decks: DeckStore
  let copies: DeckCopier
  let imports: CardImport
  let urls: ImageURLs
  let signal: OutboxSignal
  let createdDecks: Counter
  let createdCards: Counter

  func add(to api: inout API<CallContext>) {
    addImport(to: &api)
    addExport(to: &api)
    addCopy(to: &api)
  }

  private func addImport(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/decks/{id}/import", id: "importCards", "Add the rows of a CSV or TSV file to a deck",
        tag: Self.tag,
        access: .person, path: IDPath.self, query: ImportQuery.self,
        body: .bytes(Self.tableTypes, limitBytes: Self.limitBytes),
        success: .response(
          ["application/json"], "What was done, or would be.", schema: ImportReport.representation.schema),
        failures: [Self.importRefused, DeckAccess.notFound, DeckAccess.notYours, CardStore.deckFull]
          + Repetition.failures, ifMatch: .optional)
    ) { call, context in
      let bytes = Array(call.body.readableBytesView)
      let query = call.query
      let repetition = try Repetition(
        call.request, of: try context.caller.person(), "importCards \(call.path.id) \(query.duplicates.rawValue)",
        body: bytes)
      let table = try Self.table(bytes)
      let outcome = try await imports.run(
        table.rows, into: call.path.id, query.duplicates, isTrial: query.dryRun, for: DeckAccess(context.caller),
        ifMatch: call.ifMatch, repetition: repetition, at: context.now, until: context.deadline
      ) { plan, edit in
        KeptReply(
          .ok, ImportReport(table, plan, edit, isTrial: query.dryRun), as: ImportReport.representation)
      }
      if outcome.isWritten { signal.raise() }
      createdCards.increment(by: UInt64(outcome.created))
      return Reply(outcome.reply.response)
    }
  }

  private static func table(_ bytes: [UInt8]) throws(RequestFailure) -> ImportTable {
    do throws(ImportTable.Refusal) {
      return try ImportTable(bytes)
    } catch {
      throw RequestFailure(
        importRefused.status, code: importRefused.code, message: importRefused.meaning, details: error.problems)
    }
  }

  private func addExport(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .get, "/api/decks/{id}/export", id: "exportDeck", "A deck as a file", tag: Self.tag, access: .anyone,
        path: IDPath.self, query: ExportQuery.self,
        success: .response(
          ["text/csv", "application/json"], "The cards as a table, or the deck as JSON.",
          schema: DeckDetail.representation.schema), failures: [DeckAccess.notFound])
    ) { call, context in
      let (deck, cards) = try await decks.detail(
        call.path.id, for: DeckAccess(context.caller), until: context.deadline)
      var response: Response
      switch call.query.format {
      case .csv:
        response = Response(
          status: .ok, headers: [.contentType: "text/csv; charset=utf-8"],
          body: .init(byteBuffer: DeckExport.csv(cards)))
      case .json:
        let window = urls.currentWindow
        response = DeckDetail.representation.response(
          DeckDetail(deck: deck, cards: try cards.map { try CardAnswer($0, urls, in: window) }))
      }
      response.headers[.contentDisposition] = "attachment; filename=\"deck-\(deck.id).\(call.query.format.rawValue)\""
      return Reply(response)
    }
  }

  private func addCopy(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/decks/{id}/copy", id: "copyDeck", "Make a deck of one's own of another", tag: Self.tag,
        access: .person, path: IDPath.self,
        success: .response(
          ["application/json"], "The new deck, with the same cards and copies of their images.",
          schema: Deck.representation.schema, status: .created),
        failures: [DeckAccess.notFound, ImageFailures.unavailable, ImageSweepStore.busy] + Repetition.failures)
    ) { call, context in
      let repetition = try Repetition(
        call.request, of: try context.caller.person(), "copyDeck \(call.path.id)", body: [])
      let outcome = try await copies.copy(
        call.path.id, by: context.caller, repetition: repetition, at: context.now, until: context.deadline
      ) { KeptReply(.created, $0, as: Deck.representation) }
      if let made = outcome.made {
        signal.raise()
        createdDecks.increment()
        createdCards.increment(by: UInt64(made.cardsAmount))
      }
      return Reply(outcome.reply.response)
    }
  }
}

struct ImportQuery: RequestObject {
  struct Fields: FieldSet {
    let duplicates = Field(
      "duplicates", .choice(of: DuplicatePolicy.self), default: .string("skip"),
      "What to do with a row whose front is there already.")
    let dryRun = Field("dry_run", .flag, default: .bool(false), "Say what would be done, and do nothing.")
  }

  let duplicates: DuplicatePolicy
  let dryRun: Bool

  init(_ given: Given<Fields>) {
    duplicates = given.duplicates
    dryRun = given.dryRun
  }
}

struct ExportQuery: RequestObject {
  struct Fields: FieldSet {
    let format = Field("format", .choice(of: DeckExport.Format.self), default: .string("csv"))
  }

  let format: DeckExport.Format

  init(_ given: Given<Fields>) {
    format = given.format
  }
}
