import JSON

/// Learning: `/decks/learn/…` and tests.
extension PlatformCall where Answer == SessionRecord {
  /// Begins a session, or goes on with the one under way.
  /// - Parameter asksAll: every card once, due or not; without it, what is due.
  package static func startSession(deck: Int64, asksAll: Bool = false) -> PlatformCall {
    PlatformCall(.startSession, .post, "/decks/learn/deck/\(deck)/sessions" + (asksAll ? "?mode=all" : ""), read: read)
  }

  package static func session(_ id: Int64) -> PlatformCall {
    PlatformCall(.getSession, .get, "/decks/learn/sessions/\(id)", read: read)
  }

  package static func finishSession(_ id: Int64) -> PlatformCall {
    PlatformCall(.finishSession, .post, "/decks/learn/sessions/\(id)/finish", read: read)
  }

  private static var read: @Sendable (AnswerValue) throws(PlatformError) -> SessionRecord {
    { answer throws(PlatformError) in try SessionRecord(answer) }
  }
}

extension PlatformCall where Answer == AskedCard? {
  package static func nextCard(session: Int64) -> PlatformCall {
    PlatformCall(.nextCard, .get, "/decks/learn/sessions/\(session)/next") { answer throws(PlatformError) in
      try AskedCard.read(answer)
    }
  }
}

extension PlatformCall where Answer == AnswerRecord {
  /// Sent again under the same `id`, it counts once.
  package static func answer(_ given: CardAnswer, id: String, to card: Int64, in session: Int64) -> PlatformCall {
    let body = JSONValue.members([
      ("answer_id", .string(id)), ("correct", .bool(given.isCorrect)),
      ("answer_time_seconds", .double(given.seconds)), ("rating", .integer(given.rating)),
    ])
    return PlatformCall(.answerCard, .post, "/decks/learn/sessions/\(session)/cards/\(card)/answer", body: body) {
      answer throws(PlatformError) in try AnswerRecord(answer)
    }
  }
}

extension PlatformCall where Answer == TestRecord {
  /// - Parameter key: under which the same test may be sent again.
  package static func recordTest(
    _ answers: [(card: Int64, given: CardAnswer)], of deck: Int64, key: String
  ) -> PlatformCall {
    let results = answers.map { card, given in
      JSONValue.members([
        ("card_id", .integer(card)), ("correct", .bool(given.isCorrect)),
        ("answer_time_seconds", .double(given.seconds)),
      ])
    }
    let seconds = answers.reduce(0) { $0 + $1.given.seconds }
    let body = JSONValue.members([("total_time_seconds", .double(seconds)), ("card_results", .array(results))])
    return PlatformCall(.recordTest, .post, "/decks/deck/\(deck)/results", body: body, idempotencyKey: key) {
      answer throws(PlatformError) in try TestRecord(answer)
    }
  }
}

extension PlatformCall where Answer == Void {
  /// How the caller learns; what is nil stays as it is.
  package static func changeSettings(
    timezone: String, newPerDay: Int? = nil, desiredRetention: Double? = nil, usesWeights: Bool = false
  ) -> PlatformCall {
    var members: [(String, JSONValue)] = [("timezone", .string(timezone))]
    if let newPerDay { members.append(("new_per_day", .integer(newPerDay))) }
    if let desiredRetention { members.append(("desired_retention", .double(desiredRetention))) }
    if usesWeights { members.append(("scheduler", .string("weights"))) }
    return PlatformCall(.changeSettings, .patch, "/decks/learn/settings", body: .members(members)) {
      answer throws(PlatformError) in _ = try answer.member("timezone").text()
    }
  }
}

/// What a learner says to a card.
package struct CardAnswer: Sendable, Equatable {
  package let isCorrect: Bool
  /// 1 again, 2 hard, 3 good, 4 easy.
  package let rating: Int
  package let seconds: Double

  package init(isCorrect: Bool, rating: Int, seconds: Double) {
    self.isCorrect = isCorrect
    self.rating = rating
    self.seconds = seconds
  }
}
