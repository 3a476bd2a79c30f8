import HTTPService
import ServiceContract
import ServiceStore
import Telemetry

/// `POST /api/decks/{id}/import/apkg`: Anki's packages.
struct AnkiOperations: Sendable {
  /// The first is the one that systems know such files by.
  private static let types = ["application/x-apkg", "application/zip", "application/octet-stream"]
  private static let limitBytes = 32 << 20

  let decks: DeckStore
  let reader: AnkiReader
  let importer: AnkiImporter
  let signal: OutboxSignal
  let created: Counter

  func add(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/decks/{id}/import/apkg", id: "importPackage",
        "Add the notes of an Anki package to a deck: of each its first two fields, with an image a side",
        tag: FileOperations.tag, access: .person, path: IDPath.self, query: ImportQuery.self,
        body: .pending(Self.types, limitBytes: Self.limitBytes),
        success: .response(
          ["application/json"], "What was done, or would be, and what was lost.",
          schema: AnkiImportReport.representation.schema),
        failures: [
          AnkiReader.refused, AnkiImporter.tooManyImages, AnkiReader.busy, DeckAccess.notFound, DeckAccess.notYours,
          CardStore.deckFull,
          ImageFailures.unavailable, ImageSweepStore.busy,
        ] + Repetition.failures, ifMatch: .optional)
    ) { call, context in
      let access = DeckAccess(context.caller)
      // Before its bytes are taken in; its version later, for a repeated request may name the one before.
      try await decks.requireChange(call.path.id, by: access, ifMatch: nil, until: context.deadline)
      let outcome = try await reader.withRoom {
        let reading = try await reader.read(bytes(of: call.body), until: context.deadline)
        let repetition = try Repetition(
          call.request, of: try context.caller.person(),
          "importPackage \(call.path.id) \(call.query.duplicates.rawValue)",
          body: reading.digest)
        let isTrial = call.query.dryRun
        return try await importer.run(
          reading.cards, into: call.path.id, call.query.duplicates, isTrial: isTrial, for: access,
          ifMatch: call.ifMatch, repetition: repetition, at: context.now, until: context.deadline
        ) { KeptReply(.ok, AnkiImportReport(isTrial: isTrial, plan: $0), as: AnkiImportReport.representation) }
      }
      if outcome.isWritten { signal.raise() }
      created.increment(by: UInt64(outcome.created))
      return Reply(outcome.reply.response)
    }
  }

  /// Once, without the buffers that it came in.
  private func bytes(of body: PendingBytes) async throws -> [UInt8] {
    Array(try await body.collect().readableBytesView)
  }
}
