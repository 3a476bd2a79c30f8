/// A learning session as the platform shows it.
package struct SessionRecord: Sendable, Equatable {
  package let id: Int64
  package let deckID: Int64
  /// It has ended: finished, or left.
  package let hasEnded: Bool

  init(_ answer: AnswerValue) throws(PlatformError) {
    id = try answer.member("id").id()
    deckID = try answer.member("deck_id").id()
    hasEnded = try answer.member("status").text() != "active"
  }
}

/// What a session asks next.
package struct AskedCard: Sendable, Equatable {
  package let id: Int64
  /// To answer under.
  package let answerID: String

  /// Nil when there is nothing to ask now.
  static func read(_ answer: AnswerValue) throws(PlatformError) -> AskedCard? {
    guard let next = try answer.optional("next") else { return nil }
    return AskedCard(id: try next.member("card").member("id").id(), answerID: try next.member("answer_id").text())
  }
}

/// What an answer came to.
package struct AnswerRecord: Sendable, Equatable {
  package let cardID: Int64
  /// It was the session's last card.
  package let endsSession: Bool

  init(_ answer: AnswerValue) throws(PlatformError) {
    cardID = try answer.member("card_id").id()
    endsSession = try answer.member("session_finished").flag()
  }
}

/// A test that was taken.
package struct TestRecord: Sendable, Equatable {
  package let id: Int64

  init(_ answer: AnswerValue) throws(PlatformError) {
    id = try answer.member("id").id()
  }
}
