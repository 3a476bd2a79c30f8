import Decks
import Postgres
import Testing

/// What learning costs must not grow with the deck.
@Suite struct LargeDeckTests {
  @Test(.timeLimit(.minutes(1)), arguments: StudyMode.allCases)
  func anAnswerReadsAFewCards(_ mode: StudyMode) async throws {
    let bench = try LearningBench()
    let (deck, cards) = try bench.deck(cards: 10_000)
    try bench.admin.sql("ANALYZE")
    #expect(try cardsRead(bench) == 0)
    let session = try await bench.web.start(deck, mode)
    for card in cards.prefix(8) {
      let answer = try await bench.web.answer(session, card, correct: card.isMultiple(of: 2))
      #expect(answer.status == 200, "\(answer.text)")
      #expect(try await bench.web.next(session).status == 200)
    }
    #expect(await bench.pool.close())
    // A connection's counts are the database's when it has ended, and it is no longer listed then.
    while try bench.admin.number(Self.others) > 0 { try await Task.sleep(for: .milliseconds(20)) }
    let read = try cardsRead(bench)
    // Each answer once read all of them, since the planner had made a join of a look-up.
    #expect((8...1000).contains(read), "\(read) rows of 10,000 cards read for eight answers")
  }

  private static let others = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    """

  private func cardsRead(_ bench: LearningBench) throws -> Int {
    try bench.admin.number(
      "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'cards'")
  }
}
