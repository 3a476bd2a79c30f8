import HTTPService
import Postgres
import ServiceContract
import ServiceStore

/// Decks in the database. Whoever sees or changes one is asked for.
struct DeckStore: Sendable {
  let pool: PostgresPool
  let outbox: OutboxWriter

  /// A deck and its cards, in one round trip.
  /// - Throws: 404.
  func detail(_ id: Int64, for access: DeckAccess, until deadline: ContinuousClock.Instant) async throws -> (
    Deck, [Card]
  ) {
    let parameters = [.int8(id)] + access.parameters
    let rows = try await pool.run(
      [
        PostgresCall(statement: DeckStatements.seen, values: parameters),
        PostgresCall(statement: CardStatements.ofDeck, values: parameters),
      ], until: deadline)
    guard let row = rows[0].first else { throw DeckAccess.notFound.failure() }
    var deck = try Deck(row)
    let cards = try rows[1].cards()
    // A card may have come or gone between the two statements; the version is then the older one.
    deck.cardsAmount = cards.count
    return (deck, cards)
  }

  /// A deck that the caller may change, and its cards, in one round trip.
  /// - Throws: 404, 403, 412.
  func forChange(
    _ id: Int64, by access: DeckAccess, ifMatch: IfMatch?, until deadline: ContinuousClock.Instant
  ) async throws -> (deck: Deck, cards: [Card]) {
    let rows = try await pool.run(
      [DeckStatements.byID(.int8(id)), CardStatements.ofLockedDeck(.int8(id))], until: deadline)
    return (try Self.locked(rows[0], for: access, ifMatch), try rows[1].cards())
  }

  /// - Throws: 404, 403, 412 where the caller may not change the deck.
  func requireChange(
    _ id: Int64, by access: DeckAccess, ifMatch: IfMatch?, until deadline: ContinuousClock.Instant
  ) async throws {
    _ = try Self.locked(try await pool.run(DeckStatements.byID(.int8(id)), until: deadline), for: access, ifMatch)
  }

  /// The deck's version.
  /// - Throws: 404.
  func version(_ id: Int64, for access: DeckAccess, until deadline: ContinuousClock.Instant) async throws -> Int64 {
    let call = PostgresCall(statement: DeckStatements.version, values: [.int8(id)] + access.parameters)
    guard let row = try await pool.run(call, until: deadline).first else { throw DeckAccess.notFound.failure() }
    return try row.value(0)
  }

  func create(
    _ new: NewDeck, ownedBy owner: Int64, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws -> Deck {
    let outbox = outbox
    return try await pool.transaction(until: deadline) { transaction in
      let rows = try transaction.run([
        DeckStatements.categories(),
        DeckStatements.insert(
          .int8(owner), .text(new.title), .text(new.description), .text(new.visibility.rawValue), .int4(0),
          .int8(nil as Int64?), .moment(now)),
      ])
      let categories = try CategoryIDs(rows[0]).ids(of: new.categories)
      let deck = Deck(
        id: try rows[1][0].value(0), ownerID: owner, title: new.title, description: new.description,
        visibility: new.visibility, cardsAmount: 0, version: 1, copiedFrom: nil, isOwnerErased: false,
        created: .init(milliseconds: Int(now)), updated: .init(milliseconds: Int(now)), categories: new.categories,
        tags: new.tags)
      var events = ContentEvents(at: now)
      events.created(deck)
      transaction.runWithCommit(Self.labels(of: deck, categories) + [outbox.insert(events.all)])
      return deck
    }
  }

  /// - Returns: the deck as it is now, and whether anything has changed.
  func update(
    _ id: Int64, _ change: DeckChange, for access: DeckAccess, ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> (deck: Deck, changed: Bool) {
    let outbox = outbox
    return try await pool.transaction(until: deadline) { transaction in
      let old = try Self.lock(id, for: access, ifMatch: ifMatch, in: transaction)
      var deck = change.applied(to: old)
      guard deck != old else { return (old, false) }
      deck.version += 1
      deck.updated = .init(milliseconds: Int(now))
      var calls = [Self.write(deck)]
      if deck.categories != old.categories {
        let ids = try CategoryIDs(transaction.run(DeckStatements.categories())).ids(of: deck.categories)
        calls += [DeckStatements.clearCategories(.int8(id)), DeckStatements.addCategories(.int8(id), .int8Array(ids))]
      }
      if deck.tags != old.tags {
        calls += [DeckStatements.clearTags(.int8(id)), DeckStatements.addTags(.int8(id), .textArray(deck.tags))]
      }
      var events = ContentEvents(at: now)
      events.updated(deck)
      transaction.runWithCommit(calls + [outbox.insert(events.all)])
      return (deck, true)
    }
  }

  func delete(
    _ id: Int64, for access: DeckAccess, ifMatch: IfMatch?, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws {
    let outbox = outbox
    try await pool.transaction(until: deadline) { transaction in
      let deck = try Self.lock(id, for: access, ifMatch: ifMatch, in: transaction)
      try Self.delete([deck], at: now, outbox, in: transaction)
    }
  }

  /// Deletes decks that the transaction has locked, with their cards and images.
  static func delete(_ decks: [Deck], at now: Int64, _ outbox: OutboxWriter, in transaction: PostgresTransaction) throws
  {
    let rows = try transaction.run(CardStatements.imagesOfDecks(.int8Array(decks.map(\.id))))
    var (cards, images): ([Int64: [Int64]], [String]) = ([:], [])
    for row in rows {
      var fields = row.reader
      cards[try fields.next(), default: []].append(try fields.next())
      images += [try fields.next(String?.self), try fields.next(String?.self)].compactMap(\.self)
    }
    var events = ContentEvents(at: now)
    for deck in decks { events.deleted(deck, cards: cards[deck.id] ?? []) }
    transaction.runWithCommit(
      ImageSweepStore.letGo(images) + decks.map { DeckStatements.delete(.int8($0.id)) } + [outbox.insert(events.all)])
  }

  /// Locks a deck for a change and reads it.
  /// - Throws: 404, 403, 412.
  static func lock(
    _ id: Int64, for access: DeckAccess, ifMatch: IfMatch?, in transaction: PostgresTransaction
  ) throws -> Deck {
    try locked(
      transaction.run([DeckStatements.lock(.int8(id)), DeckStatements.byID(.int8(id))])[1], for: access, ifMatch)
  }

  /// Of the answer to ``DeckStatements/byID`` after the lock.
  static func locked(_ rows: PostgresRows, for access: DeckAccess, _ ifMatch: IfMatch?) throws -> Deck {
    guard let row = rows.first else { throw DeckAccess.notFound.failure() }
    let deck = try Deck(row)
    try access.requireChange(deck.visibility, ownedBy: deck.ownerID)
    try ifMatch?.check(EntityTag(version: deck.version))
    return deck
  }

  /// All that may change of a deck but for its categories and tags.
  static func write(_ deck: Deck) -> PostgresCall {
    DeckStatements.update(
      .int8(deck.id), .text(deck.title), .text(deck.description), .text(deck.visibility.rawValue),
      .int4(Int32(deck.cardsAmount)), .int8(deck.version), .moment(Int64(deck.updated.milliseconds)))
  }

  /// A new deck's categories and tags.
  static func labels(of deck: Deck, _ categories: [Int64]) -> [PostgresCall] {
    var calls: [PostgresCall] = []
    if !categories.isEmpty { calls.append(DeckStatements.addCategories(.int8(deck.id), .int8Array(categories))) }
    if !deck.tags.isEmpty { calls.append(DeckStatements.addTags(.int8(deck.id), .textArray(deck.tags))) }
    return calls
  }
}
