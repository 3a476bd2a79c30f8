import CivilTime
import Foundation
import HTTPService
import ServiceContract
import ServiceStore

/// The next card of a session, and the answer to one.
enum AnswerOperations {
  /// - Parameter imageURL: where an image of the bucket is read, by its key and its card's version; nil when it cannot be.
  static func add(
    to api: inout API<CallContext>, _ store: LearningStore,
    imageURL: @escaping @Sendable (_ key: String, _ version: Int64) -> String?
  ) {
    api.on(
      APIOperation(
        .get, "/api/learn/sessions/{session_id}/next", id: "getNextCard", "What the session asks next", tag: "learn",
        access: .person, path: SessionPath.self,
        success: .json(
          as: next(imageURL), "The card, or null when there is nothing to ask now.",
          links: [
            LinkDeclaration(
              to: "answerCard",
              [("session_id", "$request.path.session_id"), ("card_id", "$response.body#/next/card/id")])
          ]),
        failures: StoreFailures.declarations + [LearningFailures.sessionNotFound, DeckAccess.notFound])
    ) { call, context in Reply(try await store.next(call.path.session, .init(context))) }
    api.on(
      APIOperation(
        .post, "/api/learn/sessions/{session_id}/cards/{card_id}/answer", id: "answerCard", "Answer a card",
        tag: "learn",
        access: .person, path: AnswerPath.self, body: .json(NewAnswer.self),
        success: .json(as: StoredAnswer.representation, "What the answer came to. A repeat gets the same."),
        failures: StoreFailures.declarations + [
          LearningFailures.sessionNotFound, LearningFailures.cardNotFound, DeckAccess.notFound,
          LearningFailures.sessionOver, LearningFailures.answerIDReused,
        ])
    ) { call, context in
      let submission = AnswerSubmission(
        session: call.path.session, card: call.path.card, correct: call.body.correct, rating: call.body.rating,
        time: call.body.time)
      return Reply(try await store.answer(submission, id: call.body.id, .init(context)))
    }
  }

  private static func next(
    _ imageURL: @escaping @Sendable (String, Int64) -> String?
  ) -> Representation<LearningStore.Next> {
    let card = Representation<AskedCard>.object(
      "AskedCard",
      [
        .init("id", .id) { $0.id },
        .init("front_text", .text) { $0.frontText },
        .init("back_text", .text) { $0.backText },
        .init("front_image_url", .nullable(.text)) { card in
          card.frontImageKey.flatMap { imageURL($0, card.version) }
        },
        .init("back_image_url", .nullable(.text)) { card in
          card.backImageKey.flatMap { imageURL($0, card.version) }
        },
      ])
    let preview = Representation<ReviewPreview>.object(
      "Preview",
      [
        .init("rating", .count, "1 again, 2 hard, 3 good, 4 easy.") { $0.rating.rawValue },
        .init("due", .moment) { $0.dueAt },
        .init("interval", .count, "Seconds from the answer to `due`.") { $0.intervalSeconds },
      ])
    let asked = Representation<LearningStore.Asked>.object(
      nil,
      [
        .init("card", card) { $0.card },
        .init("kind", .choice(CardKind.allCases.map(\.rawValue))) { $0.kind.rawValue },
        .init("answer_id", .text, "To answer under: two open tabs that show the same then answer once.") {
          $0.answerID.uuidString.lowercased()
        },
        .init("previews", .array(preview), "What each rating would do; empty where it would do nothing.") {
          $0.previews
        },
      ])
    return .object(
      "NextCard",
      [
        .init("session", StoredSession.representation) { $0.session },
        .init("next", .nullable(asked)) { $0.asked },
      ])
  }
}

extension StoredAnswer {
  static let representation = Representation<StoredAnswer>.object(
    "Answer",
    [
      .init("answer_id", .text) { $0.id.uuidString.lowercased() },
      .init("session_id", .id) { $0.submission.session },
      .init("card_id", .id) { $0.submission.card },
      .init("correct", .flag) { $0.submission.correct },
      .init("rating", .count, "The one given, or else what right (3) or wrong (1) counts as.") {
        $0.submission.effectiveRating.rawValue
      },
      .init("answered_at", .moment) { $0.answeredAt },
      .init("due_at", .nullable(.moment), "When the card is asked again.") { $0.dueAt },
      .init("total_cards_seen", .count, "Of the session, this one included.") { $0.cardsSeen },
      .init("learned_cards", .count, "Of the session, this one included.") { $0.cardsKnown },
      .init("session_finished", .flag, "It was the last card: the session has ended.") { $0.endsSession },
    ])
}

struct AnswerPath: RequestObject {
  struct Fields: FieldSet {
    let session = Field("session_id", .id)
    let card = Field("card_id", .id)
  }

  let session: Int64
  let card: Int64

  init(_ given: Given<Fields>) { (session, card) = (given.session, given.card) }
}

struct NewAnswer: RequestObject {
  struct Fields: FieldSet {
    let id = Field("answer_id", .text(36...36, .uuid), "Of the client's making, a new one for each answer.")
    let correct = Field("correct", .flag)
    let seconds = Field(
      "answer_time_seconds", .number(0...1e9), "What lasts longer than 60 s counts as that.")
    let rating = Field(optional: "rating", .integer(1...4), "1 again, 2 hard, 3 good, 4 easy.")
  }

  let id: UUID
  let correct: Bool
  let time: AnswerTime
  let rating: Rating?

  init(_ given: Given<Fields>) {
    guard let id = UUID(uuidString: given.id), let time = try? AnswerTime(seconds: given.seconds) else {
      preconditionFailure("an answer was checked and is not as declared")
    }
    (self.id, self.time) = (id, time)
    correct = given.correct
    rating = given.rating.flatMap(Rating.init)
  }
}
