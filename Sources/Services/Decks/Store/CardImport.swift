import HTTPService
import Postgres
import ServiceContract
import ServiceStore

/// Imports rows into a deck, all or nothing.
struct CardImport: Sendable {
  let pool: PostgresPool
  let outbox: OutboxWriter

  /// What the database answered: what an import is to do or has done, and the reply to it, which may be an earlier one.
  struct Outcome: Sendable {
    let reply: KeptReply
    /// Cards that were made; none when nothing was written.
    let created: Int
    let isWritten: Bool
  }

  /// - Parameters:
  ///   - isTrial: looks what would be done, and writes nothing.
  ///   - report: makes the reply.
  func run(
    _ rows: [ImportTable.Row], into id: Int64, _ policy: DuplicatePolicy, isTrial: Bool, for access: DeckAccess,
    ifMatch: IfMatch?, repetition: Repetition, at now: Int64, until deadline: ContinuousClock.Instant,
    report: @escaping @Sendable (ImportPlan, CardEditPlan) -> KeptReply
  ) async throws -> Outcome {
    let outbox = outbox
    return try await pool.transaction(until: deadline) { transaction in
      if !isTrial, let reply = try repetition.firstReply(in: transaction) {
        return Outcome(reply: reply, created: 0, isWritten: false)
      }
      let found = try transaction.run([
        DeckStatements.lock(.int8(id)), DeckStatements.byID(.int8(id)), CardStatements.ofLockedDeck(.int8(id)),
        CardStatements.nextIDs(.int8(isTrial ? 0 : rows.count)),
      ])
      var deck = try DeckStore.locked(found[1], for: access, ifMatch)
      let cards = try found[2].cards()
      let plan = ImportPlan(rows, into: cards, policy)
      let edit = try CardEditPlan(
        plan.edit, deck: id, cards: cards, ids: isTrial ? Array(1...Int64(rows.count)) : try found[3].values(),
        placed: PlacedImages(), at: now, isSame: { _, _ in false })
      guard deck.cardsAmount + edit.created.count <= DeckLimits.cards else { throw CardStore.deckFull.failure() }
      let reply = report(plan, edit)
      guard !isTrial else { return Outcome(reply: reply, created: 0, isWritten: false) }
      guard !edit.changesNothing else {
        transaction.runWithCommit(repetition.keep(reply))
        return Outcome(reply: reply, created: 0, isWritten: false)
      }
      deck.cardsAmount += edit.created.count
      deck.version += 1
      deck.updated = .init(milliseconds: Int(now))
      transaction.runWithCommit(
        CardStore.calls(edit, deck, PlacedImages(), at: now, outbox) + repetition.keep(reply))
      return Outcome(reply: reply, created: edit.created.count, isWritten: true)
    }
  }
}

extension ImportPlan {
  fileprivate var edit: CardEdit {
    CardEdit(
      creations: created.map {
        .init(place: "", card: NewCard(frontText: $0.front, backText: $0.back, orderIndex: $0.orderIndex ?? 0))
      },
      updates: updated.map {
        .init(place: "", id: $0.id, change: CardChange(backText: $0.row.back, orderIndex: $0.row.orderIndex))
      })
  }
}
