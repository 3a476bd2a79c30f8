/// How well a card was remembered, by the learner's own word.
package enum Rating: Int, Sendable, Hashable, CaseIterable, Comparable {
  case again = 1
  case hard, good, easy

  /// What an answer counts as that is only right or wrong.
  package init(correct: Bool) {
    self = correct ? .good : .again
  }

  package static func < (left: Rating, right: Rating) -> Bool { left.rawValue < right.rawValue }
}
