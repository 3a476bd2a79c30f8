import Postgres
import ServiceContract
import ServiceStore

/// A copied deck in the database.
struct DeckCopyStore: Sendable {
  struct IDs: Sendable {
    let deck: Int64
    let cards: [Int64]
  }

  struct Outcome: Sendable {
    let reply: KeptReply
    /// Nil when the reply is an earlier one.
    let made: Deck?
  }

  let pool: PostgresPool
  let outbox: OutboxWriter

  func takeIDs(cards: Int, until deadline: ContinuousClock.Instant) async throws -> IDs {
    let rows = try await pool.run([DeckStatements.nextID(), CardStatements.nextIDs(.int8(cards))], until: deadline)
    return IDs(deck: try rows[0][0].value(0), cards: try rows[1].values())
  }

  /// - Parameters:
  ///   - cards: with the new ids.
  ///   - images: those that were announced and made for them.
  func insert(
    _ source: Deck, _ cards: [Card], as id: Int64, ownedBy owner: Int64, images: [String], repetition: Repetition,
    at now: Int64, until deadline: ContinuousClock.Instant, report: @escaping @Sendable (Deck) -> KeptReply
  ) async throws -> Outcome {
    let outbox = outbox
    let copy = Deck(
      id: id, ownerID: owner, title: source.title, description: source.description, visibility: source.visibility,
      cardsAmount: cards.count, version: 1, copiedFrom: source.id, isOwnerErased: false,
      created: .init(milliseconds: Int(now)), updated: .init(milliseconds: Int(now)), categories: source.categories,
      tags: source.tags)
    return try await pool.transaction(until: deadline) { transaction in
      if let reply = try repetition.firstReply(in: transaction) { return Outcome(reply: reply, made: nil) }
      let categories = try CategoryIDs(transaction.run(DeckStatements.categories())).ids(of: copy.categories)
      try ImageSweepStore.claim(images, in: transaction)
      var events = ContentEvents(at: now)
      events.created(copy)
      events.createdCards(cards.map(\.id), of: id)
      let reply = report(copy)
      transaction.runWithCommit(
        [
          DeckStatements.insertWithID(
            .int8(id), .int8(owner), .text(copy.title), .text(copy.description), .text(copy.visibility.rawValue),
            .int4(Int32(cards.count)), .int8(source.id), .moment(now)),
          CardStatements.insert(cards, into: id, at: now),
        ] + DeckStore.labels(of: copy, categories) + [outbox.insert(events.all)] + repetition.keep(reply))
      return Outcome(reply: reply, made: copy)
    }
  }
}
