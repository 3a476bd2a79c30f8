import CivilTime
import EventSchema
import Postgres

extension LearningStore {
  /// Begins a session of a deck, or goes on with the one that is under way.
  /// - Parameter mode: nil where the learner does not say.
  /// - Throws: 404 for a deck that the caller may not see, 400 for one without cards.
  func start(
    _ deck: Int64, _ mode: StudyMode?, _ request: Request
  ) async throws -> (session: StoredSession, isNew: Bool) {
    let learner = try request.caller.person()
    let (session, ended, isNew) = try await pool.transaction(until: request.deadline) { transaction in
      try start(deck, mode, by: learner, request, in: transaction)
    }
    if isNew {
      metrics.started.increment()
      changed(ended)
    }
    return (session, isNew)
  }

  private func start(
    _ deck: Int64, _ mode: StudyMode?, by learner: Int64, _ request: Request, in transaction: PostgresTransaction
  ) throws -> (StoredSession, ended: SessionEnd?, isNew: Bool) {
    let rows = try transaction.run([
      StoredLearner.ensure(.int8(learner)), StoredLearner.lock(.int8(learner)),
      StoredSession.active(.int8(learner), .int8(deck)),
      PostgresCall(statement: Self.visibleDeck, values: [.int8(deck)] + DeckAccess(request.caller).parameters),
    ])
    guard let visible = rows[3].first else { throw DeckAccess.notFound.failure() }
    let settings = try StoredLearner(rows[1].first, zones).settings
    let active = try rows[2].first.map { row throws(PostgresError) in try StoredSession(row) }
    let cards = try visible.value(0, as: Bool.self) ? 1 : 0
    switch SessionStart(mode: mode, active: active?.session(), cards: cards, at: request.now) {
    case .refusedWithoutCards: throw LearningFailures.noCards.failure()
    case .resumed:
      guard let active else { preconditionFailure("a session was resumed that is not there") }
      return (active, nil, false)
    case .started(let session, let ended):
      var calls: [PostgresCall] = []
      var events: [Event] = []
      if let ended, let active {
        calls.append(active.ending(ended))
        events.append(LearningEvents.finished(active, ended, learner: learner))
      }
      let weighs = settings.scheduler == .weights && session.mode.writesSchedule
      if weighs { calls.append(StoredCard.ofDeck(.int8(deck), .int8(learner))) }
      calls.append(
        StoredSession.begin(.int8(learner), .int8(deck), .text(session.mode.rawValue), .moment(session.startedAt)))
      let answers = try transaction.run(calls)
      let new = StoredSession(id: try answers[answers.count - 1][0].value(0), deck: deck, session)
      events.append(LearningEvents.started(new, learner: learner))
      var last = [outbox.insert(events)]
      if weighs, try beginsAfresh(answers[answers.count - 2]) {
        last.insert(StoredCard.beginCycle(.int8(deck), .int8(learner)), at: 0)
      }
      transaction.runWithCommit(last)
      return (new, ended, true)
    }
  }

  private func beginsAfresh(_ rows: PostgresRows) throws -> Bool {
    let cards = try rows.map { row in
      var next = row.reader
      return try StoredCard.read(&next)
    }
    return StudyCard.beginningCycle(cards) != cards
  }

  /// A session of the caller's; one that he has left is shown as ended, as it will be.
  /// - Throws: 404.
  func session(_ id: Int64, _ request: Request) async throws -> StoredSession {
    let learner = try request.caller.person()
    let rows = try await pool.run(StoredSession.read(.int8(id), .int8(learner)), until: request.deadline)
    guard let row = rows.first else { throw LearningFailures.sessionNotFound.failure() }
    return try StoredSession(row).shown(at: request.now)
  }

  /// Ends a session by the learner's wish; one that has ended stays as it is.
  /// - Throws: 404.
  func finish(_ id: Int64, _ request: Request) async throws -> StoredSession {
    let learner = try request.caller.person()
    let (session, end) = try await pool.transaction(until: request.deadline) { transaction in
      let rows = try transaction.run([
        StoredLearner.lock(.int8(learner)), StoredSession.read(.int8(id), .int8(learner)),
      ])
      guard let row = rows[1].first else { throw LearningFailures.sessionNotFound.failure() }
      let stored = try StoredSession(row)
      var session = stored.session()
      let end = session.finish(at: request.now)
      let changed = stored.changed(to: session)
      if let end { transaction.runWithCommit(ending(changed, end, learner)) }
      return (changed, end)
    }
    if end != nil { changed(end) }
    return session
  }

  /// Writes a session's end with its event.
  func ending(_ session: StoredSession, _ end: SessionEnd, _ learner: Int64) -> [PostgresCall] {
    [session.ending(end), outbox.insert([LearningEvents.finished(session, end, learner: learner)])]
  }

  /// After a commit that wrote events.
  func changed(_ end: SessionEnd?) {
    if let end { metrics.finished(end.cause).increment() }
    signal.raise()
  }

  /// Whether a deck $1 that the caller may see has cards.
  private static let visibleDeck = PostgresStatement(
    "learning.visibleDeck",
    """
    SELECT EXISTS (SELECT FROM cards c WHERE c.deck_id = d.id) FROM decks d WHERE d.id = $1 AND \(DeckAccess.visible(2))
    """)
}

extension StoredSession {
  /// As it must be shown at a moment: who has left it does not come back.
  func shown(at now: Instant) -> StoredSession {
    var session = session()
    return session.sweep(at: now) == nil ? self : changed(to: session)
  }
}
