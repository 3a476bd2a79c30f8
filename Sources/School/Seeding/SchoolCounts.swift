import Synchronization

/// How much of the school was made so far; threads add to it.
package final class SchoolCounts: Sendable {
  private let registered = Atomic(0)
  private let given = Atomic(0)
  private let begun = Atomic(0)
  private let taken = Atomic(0)
  private let made = Atomic(0)
  private let drawn = Atomic(0)

  package init() {}

  package var learners: Int { registered.load(ordering: .relaxed) }
  package var answers: Int { given.load(ordering: .relaxed) }
  package var sessions: Int { begun.load(ordering: .relaxed) }
  package var tests: Int { taken.load(ordering: .relaxed) }
  package var decks: Int { made.load(ordering: .relaxed) }
  package var pictures: Int { drawn.load(ordering: .relaxed) }

  func addLearner() { registered.add(1, ordering: .relaxed) }
  func addAnswer() { given.add(1, ordering: .relaxed) }
  func addSession() { begun.add(1, ordering: .relaxed) }
  func addTest() { taken.add(1, ordering: .relaxed) }
  func addDeck() { made.add(1, ordering: .relaxed) }
  func addPicture() { drawn.add(1, ordering: .relaxed) }
}
