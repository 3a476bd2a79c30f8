import PlatformClient

/// One call of a learner's day, with all that is sent; sent once more, it is the same call.
package enum LearnerStep: Sendable {
  case register(PersonAccount)
  case login(PersonAccount, timezone: String)
  case refresh(PlatformTokens)
  case lookAtSelf
  case listDecks
  case openDeck(Int64)
  case start(deck: Int64)
  case next(session: Int64)
  case answer(CardAnswer, to: AskedCard, session: Int64)
  case finish(session: Int64, deck: Int64)
  case test([(card: Int64, given: CardAnswer)], deck: Int64, key: String)

  package var operation: PlatformOperation {
    switch self {
    case .register: .register
    case .login: .login
    case .refresh: .refresh
    case .lookAtSelf: .me
    case .listDecks: .listDecks
    case .openDeck: .getDeck
    case .start: .startSession
    case .next: .nextCard
    case .answer: .answerCard
    case .finish: .finishSession
    case .test: .recordTest
    }
  }

  /// What was answered.
  package enum Answer: Sendable {
    case signedIn(PlatformTokens)
    /// Something that changes nothing for what comes next.
    case seen
    case deck(DeckRecord)
    case session(SessionRecord)
    case asked(AskedCard?)
    case answered(AnswerRecord)
    case tested(TestRecord)
  }

  /// Sends it.
  /// - Parameter token: the learner's, when he has one.
  func send(over connection: PlatformConnection, token: String?) throws(PlatformError) -> Answer {
    switch self {
    case .register(let account): .signedIn(try connection.send(.register(account)))
    case .login(let account, let timezone):
      .signedIn(try connection.send(.login(email: account.email, password: account.password, timezone: timezone)))
    case .refresh(let tokens): .signedIn(try connection.send(.refresh(tokens)))
    case .lookAtSelf: Self.seen(try connection.send(.me, token: token))
    case .listDecks: Self.seen(try connection.send(.listDecks(), token: token))
    case .openDeck(let id): .deck(try connection.send(.deck(id), token: token))
    case .start(let deck): .session(try connection.send(.startSession(deck: deck, asksAll: true), token: token))
    case .next(let session): .asked(try connection.send(.nextCard(session: session), token: token))
    case .answer(let given, let card, let session):
      .answered(
        try connection.send(.answer(given, id: card.answerID, to: card.id, in: session), token: token))
    case .finish(let session, _): .session(try connection.send(.finishSession(session), token: token))
    case .test(let answers, let deck, let key):
      .tested(try connection.send(.recordTest(answers, of: deck, key: key), token: token))
    }
  }

  private static func seen<Value>(_ value: Value) -> Answer { .seen }
}
