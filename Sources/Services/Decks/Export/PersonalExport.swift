import HTTPService
import NIOCore

/// All that the service knows of one person and that is his: how he learns, his decks with their cards, his answers, his tests.
struct PersonalExport: Sendable {
  /// The longest that is put together.
  static let limitBytes = 32 << 20

  static let tooLarge = FailureDeclaration(
    .conflict, "EXPORT_TOO_LARGE",
    "What is kept of this person takes more than \(limitBytes >> 20) MiB: ask the operator.")

  let store: ExportStore
  let urls: ImageURLs

  /// - Throws: 409 over ``limitBytes``.
  func document(of person: Int64, until deadline: ContinuousClock.Instant) async throws -> ByteBuffer {
    var document = JSONObjectStream()
    document.member(
      "settings", try await store.settings(of: person, until: deadline), as: LearningSettings.representation)
    document.beginArray("decks")
    var (deck, window) = (Int64(0), urls.currentWindow)
    while let page = try await store.decks(of: person, after: deck, until: deadline).nonEmpty {
      for one in page {
        let cards = try await store.cards(of: one.id, until: deadline).map { try CardAnswer($0, urls, in: window) }
        document.element(DeckDetail(deck: one, cards: cards), as: DeckDetail.representation)
        try check(document.byteCount)
        deck = one.id
      }
      window = urls.currentWindow
    }
    document.endArray()
    document.beginArray("answers")
    var answer: ExportStore.Answer?
    while let page = try await store.answers(of: person, after: answer, until: deadline).nonEmpty {
      for one in page { document.element(one, as: Self.answer) }
      try check(document.byteCount)
      answer = page.last
    }
    document.endArray()
    document.beginArray("results")
    var result = Int64(0)
    while let page = try await store.results(of: person, after: result, until: deadline).nonEmpty {
      for one in page { document.element(one, as: Self.result) }
      try check(document.byteCount)
      result = page[page.count - 1].result.id
    }
    document.endArray()
    return document.end()
  }

  private func check(_ byteCount: Int) throws(RequestFailure) {
    guard byteCount <= Self.limitBytes else { throw Self.tooLarge.failure() }
  }

  static let schema = ValueSchema.object(
    ObjectSchema(
      "LearningExport",
      [
        Property("settings", LearningSettings.representation.schema),
        Property("decks", .array(DeckDetail.representation.schema, count: 0...Int.max), meaning: "With their cards."),
        Property("answers", .array(answer.schema, count: 0...Int.max), meaning: "As they were given."),
        Property(
          "results", .array(result.schema, count: 0...Int.max), meaning: "Of tests, with each of their answers."),
      ]))

  private static let answer = Representation<ExportStore.Answer>.object(
    "ExportedAnswer",
    [
      .init("answer_id", .text) { $0.id.uuidString.lowercased() },
      .init("session_id", .id) { $0.session },
      .init("deck_id", .id) { $0.deck },
      .init("card_id", .id) { $0.card },
      .init("correct", .flag) { $0.correct },
      .init("rating", .nullable(.count)) { $0.rating },
      .init("answer_time_seconds", .number) { Double($0.answerTimeMs) / 1000 },
      .init("answered_at", .moment) { .init($0.answeredAt) },
    ])

  private static let result = Representation<ExportStore.Result>.object(
    "ExportedResult",
    [
      .init("result", TestResult.representation) { $0.result },
      .init("cards", .array(resultCard)) { $0.cards },
    ])

  private static let resultCard = Representation<ExportStore.Result.Card>.object(
    "ExportedResultCard",
    [
      .init("card_id", .id) { $0.card },
      .init("correct", .flag) { $0.correct },
      .init("answer_time_seconds", .number) { $0.answerTimeSeconds },
      .init("user_answer", .nullable(.text)) { $0.text },
    ])
}

extension Array {
  fileprivate var nonEmpty: [Element]? { isEmpty ? nil : self }
}
