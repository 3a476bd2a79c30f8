import HTTPService
import Postgres
import ServiceContract
import ServiceStore

/// A package's cards in the database.
struct AnkiImportStore: Sendable {
  /// Leaves a transaction without its writing.
  private struct HasChanged: Error {}

  let pool: PostgresPool
  let outbox: OutboxWriter

  func takeIDs(_ count: Int, until deadline: ContinuousClock.Instant) async throws -> [Int64] {
    guard count > 0 else { return [] }
    return try await pool.run(CardStatements.nextIDs(.int8(count)), until: deadline).values()
  }

  /// Writes an edit that was made for a deck as it was seen.
  /// - Parameter cards: of the deck, as they were seen with it.
  /// - Returns: nil if the deck has changed meanwhile; nothing is written then.
  func write(
    _ edit: AnkiImportPlan.Edit, _ cards: [Card], tags: [String], to seen: Deck, for access: DeckAccess,
    ifMatch: IfMatch?, repetition: Repetition, reply: KeptReply, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> CardImport.Outcome? {
    do {
      return try await writeUnchanged(
        edit, cards, tags: tags, to: seen, for: access, ifMatch: ifMatch, repetition: repetition, reply: reply, at: now,
        until: deadline)
    } catch is HasChanged { return nil }
  }

  private func writeUnchanged(
    _ edit: AnkiImportPlan.Edit, _ cards: [Card], tags: [String], to seen: Deck, for access: DeckAccess,
    ifMatch: IfMatch?, repetition: Repetition, reply: KeptReply, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> CardImport.Outcome {
    let outbox = outbox
    return try await pool.transaction(until: deadline) { transaction in
      if let reply = try repetition.firstReply(in: transaction) {
        return CardImport.Outcome(reply: reply, created: 0, isWritten: false)
      }
      var deck = try DeckStore.lock(seen.id, for: access, ifMatch: ifMatch, in: transaction)
      guard deck.version == seen.version else { throw HasChanged() }
      let isRelabeled = Set(deck.tags) != Set(tags)
      let placed = PlacedImages(made: edit.images.map(\.target))
      let plan = try CardEditPlan(
        edit.edit, deck: deck.id, cards: cards, ids: edit.ids, placed: placed, at: now, isSame: { _, _ in false })
      guard !plan.changesNothing || isRelabeled else {
        transaction.runWithCommit(repetition.keep(reply))
        return CardImport.Outcome(reply: reply, created: 0, isWritten: false)
      }
      try ImageSweepStore.claim(placed.targets, in: transaction)
      var calls: [PostgresCall] = []
      var events = ContentEvents(at: now)
      deck.version += 1
      deck.updated = .init(milliseconds: Int(now))
      if isRelabeled {
        deck.tags = tags
        calls = [
          DeckStatements.clearTags(.int8(deck.id)), DeckStatements.addTags(.int8(deck.id), .textArray(tags)),
        ]
        events.updated(deck)
      }
      deck.cardsAmount += plan.created.count
      transaction.runWithCommit(
        CardStore.calls(plan, deck, placed, at: now, outbox) + calls + [outbox.insert(events.all)]
          + repetition.keep(reply))
      return CardImport.Outcome(reply: reply, created: plan.created.count, isWritten: true)
    }
  }
}
