import HTTPService
import Postgres
import ServiceContract
import ServiceStore

/// Cards in the database, changed while their deck is locked.
struct CardStore: Sendable {
  static let deckFull = FailureDeclaration(
    .conflict, "DECK_FULL", "A deck has at most \(DeckLimits.cards) cards.")

  /// What an edit has done.
  struct Outcome: Sendable {
    let deck: Deck
    let plan: CardEditPlan
  }

  let pool: PostgresPool
  let outbox: OutboxWriter

  /// Looks whether the caller may change the deck, has seen its state, and names cards of it, so that no image is made in
  /// vain.
  /// - Returns: ids for the new cards.
  func prepare(
    _ edit: CardEdit, of deck: Int64, for access: DeckAccess, ifMatch: IfMatch?, until deadline: ContinuousClock.Instant
  ) async throws -> [Int64] {
    let rows = try await pool.run(
      [
        DeckStatements.byID(.int8(deck)), CardStatements.byID(.int8(deck), .int8Array(edit.updates.map(\.id))),
        CardStatements.nextIDs(.int8(edit.creations.count)),
      ], until: deadline)
    _ = try DeckStore.locked(rows[0], for: access, ifMatch)
    let known = Set(try rows[1].cards().map(\.id))
    let unknown = edit.updates.filter { !known.contains($0.id) }
    guard unknown.isEmpty else {
      throw CardEditRefusal(items: unknown.map { .init($0.place, nil, .noSuchCard($0.id)) })
    }
    return try rows[2].values()
  }

  /// - Parameters:
  ///   - ids: for the new cards; nil to take some here.
  ///   - placed: images that were announced and made; they become the cards'.
  ///   - isSame: whether what the request says is the image that is there.
  func apply(
    _ edit: CardEdit, to id: Int64, ids: [Int64]?, placed: PlacedImages, for access: DeckAccess, ifMatch: IfMatch?,
    at now: Int64, until deadline: ContinuousClock.Instant, isSame: @escaping @Sendable (String, CardImageKey) -> Bool
  ) async throws -> Outcome {
    let outbox = outbox
    let named = edit.updates.map(\.id) + edit.deletions.map(\.id)
    return try await pool.transaction(until: deadline) { transaction in
      let rows = try transaction.run([
        DeckStatements.lock(.int8(id)), DeckStatements.byID(.int8(id)),
        CardStatements.byID(.int8(id), .int8Array(named)),
        CardStatements.nextIDs(.int8(ids == nil ? edit.creations.count : 0)),
      ])
      var deck = try DeckStore.locked(rows[1], for: access, ifMatch)
      let plan = try CardEditPlan(
        edit, deck: id, cards: try rows[2].cards(), ids: try ids ?? rows[3].values(), placed: placed, at: now,
        isSame: isSame)
      guard !plan.changesNothing else { return Outcome(deck: deck, plan: plan) }
      deck.cardsAmount += plan.created.count - plan.deleted.count
      guard deck.cardsAmount <= DeckLimits.cards || plan.created.isEmpty else { throw Self.deckFull.failure() }
      deck.version += 1
      deck.updated = .init(milliseconds: Int(now))
      try ImageSweepStore.claim(placed.targets, in: transaction)
      transaction.runWithCommit(Self.calls(plan, deck, placed, at: now, outbox))
      return Outcome(deck: deck, plan: plan)
    }
  }

  static func calls(
    _ plan: CardEditPlan, _ deck: Deck, _ placed: PlacedImages, at now: Int64, _ outbox: OutboxWriter
  ) -> [PostgresCall] {
    var events = ContentEvents(at: now)
    events.createdCards(plan.created.map(\.id), of: deck.id)
    events.updatedCards(plan.updated.map(\.id), of: deck.id)
    events.deletedCards(plan.deleted, of: deck.id)
    var calls: [PostgresCall] = []
    if !plan.created.isEmpty { calls.append(CardStatements.insert(plan.created, into: deck.id, at: now)) }
    if !plan.updated.isEmpty { calls.append(CardStatements.update(plan.updated, of: deck.id, at: now)) }
    if !plan.deleted.isEmpty { calls.append(CardStatements.delete(plan.deleted, of: deck.id)) }
    return calls + ImageSweepStore.letGo(plan.released.map(\.text) + placed.uploads)
      + [DeckStore.write(deck), outbox.insert(events.all)]
  }
}
