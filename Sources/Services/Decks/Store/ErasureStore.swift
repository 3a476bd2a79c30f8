import Blocking
import Postgres
import ServiceStore

/// Decks of somebody whose account is gone for good: private ones go with their images, public ones stay without a name.
package struct ErasureStore: PersonErasure {
  private static let patience = Duration.seconds(20)
  /// Decks of one transaction: their cards' events all stand in it.
  private static let batch = 20

  private static let privateDecks = PostgresStatement(
    "erasure.privateDecks",
    "SELECT id FROM decks WHERE owner_id = $1 AND visibility = 'private' ORDER BY id LIMIT \(batch) FOR UPDATE")

  private static let locked = PostgresStatement(
    "erasure.locked", "SELECT \(Deck.columns)\nFROM decks d WHERE d.id = ANY ($1) AND d.visibility = 'private'")

  private static let leavePublic = PostgresStatement(
    "erasure.leavePublic",
    "UPDATE decks SET owner_erased = true, version = version + 1 WHERE owner_id = $1 AND NOT owner_erased")

  private let connection: PostgresConnection
  private let outbox: OutboxWriter

  package init(_ database: PostgresConfiguration, outbox: OutboxWriter) {
    connection = PostgresConnection(database)
    self.outbox = outbox
  }

  package func erase(_ person: Int64, at now: Int64, cancellation: CancellationFlag) throws {
    while try eraseSome(person, at: now, cancellation) {}
    try connection.run(
      Self.leavePublic(.int8(person)), until: .now + Self.patience, cancellation: cancellation)
  }

  /// - Returns: whether there may be more.
  private func eraseSome(_ person: Int64, at now: Int64, _ cancellation: CancellationFlag) throws -> Bool {
    try connection.transaction(until: .now + Self.patience, cancellation: cancellation) { transaction in
      let ids: [Int64] = try transaction.run(Self.privateDecks(.int8(person))).values()
      guard !ids.isEmpty else { return false }
      // One that was made public while it was waited for stays.
      var decks: [Deck] = []
      for row in try transaction.run(Self.locked(.int8Array(ids))) { decks.append(try Deck(row)) }
      try DeckStore.delete(decks, at: now, outbox, in: transaction)
      return true
    }
  }
}
