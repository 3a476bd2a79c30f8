/// An answer as a learner sends it, under an `answer_id` of his own making.
package struct AnswerSubmission: Sendable, Equatable {
  package let session: Int64
  package let card: Int64
  package let correct: Bool
  package let rating: Rating?
  package let time: AnswerTime

  package init(session: Int64, card: Int64, correct: Bool, rating: Rating?, time: AnswerTime) {
    self.session = session
    self.card = card
    self.correct = correct
    self.rating = rating
    self.time = time
  }

  /// What the schedule goes by: the learner's own word, where there is one.
  package var effectiveRating: Rating { rating ?? Rating(correct: correct) }
}

/// What an answer is, given what came under its `answer_id` before.
package enum AnswerReception<Reply> {
  case new
  /// The same once more: it gets the first reply, also after the session's end, and nothing else happens.
  case repeated(Reply)
  /// Something else came under that id.
  case conflict

  package init(_ submission: AnswerSubmission, earlier: (submission: AnswerSubmission, reply: Reply)?) {
    guard let earlier else {
      self = .new
      return
    }
    self = earlier.submission == submission ? .repeated(earlier.reply) : .conflict
  }
}

extension AnswerReception: Sendable where Reply: Sendable {}
extension AnswerReception: Equatable where Reply: Equatable {}
