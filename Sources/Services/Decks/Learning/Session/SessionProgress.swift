/// How far a session has come: 1 exactly when nothing is left to ask.
package struct SessionProgress: Sendable, Equatable {
  package let learnedCards: Int
  /// Asked, and still to ask.
  package let totalCards: Int

  package init(_ session: StudySession, remaining: StudyQueue) {
    let open = Set(remaining.entries.map(\.card))
    learnedCards = session.seen.count { !open.contains($0) }
    totalCards = open.union(session.seen).count
  }

  /// 0…1.
  package var fraction: Double { totalCards == 0 ? 1 : Double(learnedCards) / Double(totalCards) }
}
