import HTTPClient
import JSON

/// One call of the platform's API: what is sent, and how its answer is read.
package struct PlatformCall<Answer>: Sendable {
  /// What it is counted as.
  package let operation: PlatformOperation
  let method: HTTPRequest.Method
  /// Below the gateway's address, encoded.
  let path: String
  let body: JSONValue?
  let idempotencyKey: String?
  let ifMatch: String?
  let read: @Sendable (AnswerValue) throws(PlatformError) -> Answer

  init(
    _ operation: PlatformOperation, _ method: HTTPRequest.Method, _ path: String, body: JSONValue? = nil,
    idempotencyKey: String? = nil, ifMatch: String? = nil,
    read: @escaping @Sendable (AnswerValue) throws(PlatformError) -> Answer
  ) {
    self.operation = operation
    self.method = method
    self.path = path
    self.body = body
    self.idempotencyKey = idempotencyKey
    self.ifMatch = ifMatch
    self.read = read
  }
}

/// The operations there are calls for.
package enum PlatformOperation: String, Sendable, CaseIterable {
  case register, login, refresh, me
  case addUser = "add_user"
  case changeUser = "change_user"
  case listDecks = "list_decks"
  case getDeck = "get_deck"
  case createDeck = "create_deck"
  case changeDeck = "change_deck"
  case copyDeck = "copy_deck"
  case changeCards = "change_cards"
  case presignImage = "presign_image"
  case changeSettings = "change_settings"
  case startSession = "start_session"
  case getSession = "get_session"
  case nextCard = "next_card"
  case answerCard = "answer_card"
  case finishSession = "finish_session"
  case recordTest = "record_test"

  /// Whether what is sent twice is done once: by its nature, by its id, or because a second time is refused. Of a second login
  /// nothing but its event is seen.
  package var isRepeatable: Bool {
    switch self {
    case .createDeck, .changeCards: false
    default: true
    }
  }
}
