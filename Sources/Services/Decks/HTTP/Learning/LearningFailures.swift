import HTTPService

/// How learning is refused.
enum LearningFailures {
  static let sessionNotFound = FailureDeclaration(.notFound, "SESSION_NOT_FOUND", "There is no such session of yours.")
  static let cardNotFound = FailureDeclaration(.notFound, "CARD_NOT_FOUND", "There is no such card in the deck.")
  static let noCards = FailureDeclaration(.badRequest, "DECK_HAS_NO_CARDS", "A deck without cards has nothing to ask.")
  static let sessionOver = FailureDeclaration(.conflict, "SESSION_OVER", "The session has ended: start another.")
  static let answerIDReused = FailureDeclaration(
    .conflict, "ANSWER_ID_REUSED", "Another answer came under this answer_id: take a new one for each.")
  static let foreignCards = FailureDeclaration(
    .badRequest, "CARDS_NOT_OF_DECK", "Some cards are not of this deck, or came twice.")
}
