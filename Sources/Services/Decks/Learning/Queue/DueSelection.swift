import CivilTime

/// The cards of a deck that FSRS wants asked, sorted by why. The queue and the counts are both made of it, so they agree.
struct DueSelection {
  /// A step of minutes may be taken early by so much when nothing else is left to ask.
  static let learnAheadMs = 20 * 60_000

  /// At a short step that is due.
  let learning: [StudyCard]
  let reviews: [StudyCard]
  let new: [StudyCard]
  /// At a short step that is not due yet, and may be taken early.
  let ahead: [StudyCard]
  /// At a short step that is due today, now or later.
  let learningToday: Int
  /// Of `reviews`, those that were due before today.
  let overdue: Int

  /// - Parameter seen: the cards that the session has asked already; with `mode == .all` each other card is asked once.
  init(
    _ cards: [StudyCard], mode: StudyMode, seen: Set<Int64>, settings: LearningSettings, tally: DailyTally,
    at now: Instant
  ) {
    let today = settings.calendar.span(around: now)
    let isUnseen = { (card: StudyCard) in mode != .due && !seen.contains(card.id) }
    var steps: [(card: StudyCard, dueAt: Instant)] = []
    var reviews: [Review] = []
    let scheduler = settings.fsrs
    for card in cards {
      guard let memory = card.memory else { continue }
      if !memory.phase.isReview {
        steps.append((card, memory.dueAt))
      } else if isUnseen(card) || mode == .due && Self.isDue(memory, today, now) {
        let retrievability = scheduler.retrievability(of: memory, at: now)
        reviews.append(Review(card: card, dueAt: memory.dueAt, retrievability: retrievability))
      }
    }
    steps.sort { ($0.dueAt, $0.card.id) < ($1.dueAt, $1.card.id) }
    reviews.sort()
    let limits =
      mode == .due
      ? (new: max(0, settings.newPerDay - tally.newCards), reviews: max(0, settings.reviewsPerDay - tally.reviews))
      : (new: Int.max, reviews: Int.max)
    let asked = reviews.prefix(limits.reviews)
    learning = steps.filter { $0.dueAt <= now }.map(\.card)
    ahead = steps.filter {
      $0.dueAt > now && ($0.dueAt <= now.adding(milliseconds: Self.learnAheadMs) || isUnseen($0.card))
    }.map(\.card)
    self.reviews = asked.map(\.card)
    new = Array(StudyCard.inDeckOrder(cards.filter { $0.memory == nil }).prefix(limits.new))
    learningToday = steps.count { $0.dueAt < today.upperBound }
    overdue = asked.count { $0.dueAt < today.lowerBound }
  }

  /// Due on this day; one that was reviewed today comes back tomorrow, though a day of 25 hours ends after its due moment.
  private static func isDue(_ memory: CardMemory, _ today: Range<Instant>, _ now: Instant) -> Bool {
    memory.dueAt <= now || memory.dueAt < today.upperBound && memory.lastReviewAt < today.lowerBound
  }

  private struct Review: Comparable {
    let card: StudyCard
    let dueAt: Instant
    let retrievability: Double

    /// What is most likely forgotten comes first.
    static func < (left: Review, right: Review) -> Bool {
      (left.retrievability, left.dueAt, left.card.id) < (right.retrievability, right.dueAt, right.card.id)
    }
  }
}

extension StudyCard {
  static func inDeckOrder(_ cards: [StudyCard]) -> [StudyCard] {
    cards.sorted { ($0.position, $0.id) < ($1.position, $1.id) }
  }
}
