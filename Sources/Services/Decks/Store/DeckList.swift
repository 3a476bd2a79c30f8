import Postgres
import ServiceContract

/// Pages of decks, newest first: a statement for each combination of filters, so that each has a plan of its own.
struct DeckList: Sendable {
  /// What narrows the list; the raw value is the statement's place.
  private struct Filters: OptionSet {
    let rawValue: Int
    static let publicOnly = Filters(rawValue: 1)
    static let author = Filters(rawValue: 2)
    static let category = Filters(rawValue: 4)
    static let tag = Filters(rawValue: 8)
    static let words = Filters(rawValue: 16)
    static let combinations = 32
  }

  private static let statements = (0..<Filters.combinations).map { statement(Filters(rawValue: $0)) }
  /// Later than any deck: the year 9999, in microseconds.
  private static let top = PagePlace(position: 253_370_764_800_000_000, id: .max)

  private let pool: PostgresPool

  init(_ pool: PostgresPool) {
    self.pool = pool
  }

  func page(
    _ query: DeckQuery, after place: PagePlace?, count: Int, for access: DeckAccess,
    until deadline: ContinuousClock.Instant
  ) async throws -> [Deck] {
    let rows = try await pool.run(Self.call(query, after: place ?? Self.top, count, access), until: deadline)
    var decks: [Deck] = []
    decks.reserveCapacity(rows.count)
    for row in rows { decks.append(try Deck(row)) }
    return decks
  }

  static func place(of deck: Deck) -> PagePlace {
    PagePlace(position: Int64(deck.created.milliseconds) * 1000, id: deck.id)
  }

  private static func call(
    _ query: DeckQuery, after place: PagePlace, _ count: Int, _ access: DeckAccess
  ) -> PostgresCall {
    var filters: Filters = []
    // A cursor that somebody made up may name a time that is in no calendar.
    let position = min(max(place.position, 0), top.position)
    var values: [PostgresValue] = [
      .timestamptz(PostgresTimestamp(microseconds: position)), .int8(place.id), .int8(count),
    ]
    if access.isAnonymous { filters.insert(.publicOnly) } else { values += access.parameters }
    func add(_ filter: Filters, _ value: PostgresValue?) {
      guard let value else { return }
      filters.insert(filter)
      values.append(value)
    }
    add(.author, query.author.map { .int8($0) })
    add(.category, query.category.map { .text($0) })
    add(.tag, query.tag.map { .text($0) })
    add(.words, query.words.map { .text(LikePattern.containing($0)) })
    return PostgresCall(statement: statements[filters.rawValue], values: values)
  }

  /// Its parameters: place and count, the caller's where private decks are seen, then those of the filters in their order.
  private static func statement(_ filters: Filters) -> PostgresStatement {
    var conditions = ["(d.created_at, d.id) < ($1, $2)"]
    var next = 4
    if filters.contains(.publicOnly) {
      conditions.append("d.visibility = 'public'")
    } else {
      conditions.append(DeckAccess.visible(next))
      next += 2
    }
    func add(_ filter: Filters, _ condition: (String) -> String) {
      guard filters.contains(filter) else { return }
      conditions.append(condition("$\(next)"))
      next += 1
    }
    add(.author) { "d.owner_id = \($0)" }
    add(.category) {
      "d.id IN (SELECT f.deck_id FROM deck_categories f JOIN categories c ON c.id = f.category_id WHERE c.slug = \($0))"
    }
    add(.tag) { "d.id IN (SELECT f.deck_id FROM deck_tags f WHERE f.tag = \($0))" }
    add(.words) { "(d.title ILIKE \($0) OR d.description ILIKE \($0))" }
    let sql = """
      SELECT \(Deck.columns)
      FROM decks d WHERE \(conditions.joined(separator: " AND "))
      ORDER BY d.created_at DESC, d.id DESC LIMIT $3
      """
    // Planned anew for each search: a plan for any words reads the decks from the newest on, which for rare words in 60,000
    // decks takes 440 ms instead of 0.1.
    return filters.contains(.words)
      ? PostgresStatement(unprepared: sql) : PostgresStatement("decks.list.\(filters.rawValue)", sql)
  }
}
