import CivilTime

/// A learner at a deck, from the start to the one end there is: by finishing, by the last card, or because the learner is gone.
///
/// A state machine without a clock. Whoever drives it emits an event for each ``SessionEnd`` a call returns; no session
/// returns two. A session that nobody has touched for ``idleLimitMs`` is over whatever comes next, so it does not matter
/// whether the sweeper or a late answer finds it first.
package struct StudySession: Sendable, Equatable {
  package static let idleLimitMs = 30 * 60_000
  /// A longer gap between two answers is a pause, and no part of the duration.
  package static let longestGapMs = 10 * 60_000

  package let mode: StudyMode
  package let startedAt: Instant
  /// The last answer; the start while there is none.
  package private(set) var lastActivityAt: Instant
  /// From the start to the last activity, without pauses.
  package private(set) var activeMilliseconds: Int
  /// The cards asked, each once, by the time of their last answer.
  package private(set) var seen: [Int64]
  /// Of those seen, the ones whose last answer left nothing more to ask.
  package private(set) var known: Set<Int64>
  /// How many more cards were seen, and known, than are listed here: a part of a session, with the cards that matter now, goes
  /// on and ends like the whole.
  private let unlisted: Unlisted
  package private(set) var end: SessionEnd?

  package struct Unlisted: Sendable, Equatable {
    let seen: Int
    let known: Int

    package init(seen: Int = 0, known: Int = 0) {
      self.seen = seen
      self.known = known
    }
  }

  package init(mode: StudyMode, startedAt: Instant) {
    self.init(
      mode: mode, startedAt: startedAt, lastActivityAt: startedAt, activeMilliseconds: 0, seen: [], known: [], end: nil)
  }

  /// A session as it was stored.
  package init(
    mode: StudyMode, startedAt: Instant, lastActivityAt: Instant, activeMilliseconds: Int, seen: [Int64],
    known: Set<Int64>, unlisted: Unlisted = Unlisted(), end: SessionEnd?
  ) {
    self.mode = mode
    self.startedAt = startedAt
    self.lastActivityAt = lastActivityAt
    self.activeMilliseconds = activeMilliseconds
    self.seen = seen
    self.known = known
    self.unlisted = unlisted
    self.end = end
  }

  /// Cards asked, each once.
  package var cardsSeen: Int { seen.count + unlisted.seen }
  /// Of them, those with nothing more to ask.
  package var cardsKnown: Int { known.count + unlisted.known }

  /// Ends the session if it was left.
  /// - Returns: its end if this call ended it.
  package mutating func sweep(at now: Instant) -> SessionEnd? {
    guard now.milliseconds(since: lastActivityAt) >= Self.idleLimitMs else { return nil }
    return abandon()
  }

  /// Ends the session, which was left by another clock than the one its answers go by.
  /// - Returns: its end if this call ended it.
  package mutating func abandon() -> SessionEnd? {
    guard end == nil else { return nil }
    return close(.abandoned)
  }

  /// Ends the session by the learner's wish.
  /// - Returns: its end if this call ended it.
  package mutating func finish(at now: Instant) -> SessionEnd? {
    if let abandoned = sweep(at: now) { return abandoned }
    guard end == nil else { return nil }
    pass(to: now)
    return close(.finished)
  }

  /// Takes an answer.
  /// - Parameter isKnown: whether the session has nothing more to ask of the card.
  /// - Returns: nil if it was taken; else the end of the session, which is over.
  package mutating func answer(card: Int64, isKnown: Bool, at now: Instant) -> LateAnswer? {
    if let abandoned = sweep(at: now) { return LateAnswer(end: abandoned, endedNow: true) }
    if let end { return LateAnswer(end: end, endedNow: false) }
    pass(to: now)
    seen.removeAll { $0 == card }
    seen.append(card)
    if isKnown { known.insert(card) } else { known.remove(card) }
    return nil
  }

  /// Ends the session after an answer that left nothing to ask.
  /// - Returns: its end if this call ended it.
  package mutating func finishIfDone(_ remaining: StudyQueue) -> SessionEnd? {
    guard end == nil, cardsSeen > 0, remaining.entries.isEmpty else { return nil }
    return close(.lastCard)
  }

  package struct LateAnswer: Sendable, Equatable {
    package let end: SessionEnd
    /// The session had been left, and this answer found that.
    package let endedNow: Bool

    package init(end: SessionEnd, endedNow: Bool) {
      self.end = end
      self.endedNow = endedNow
    }
  }

  /// - Parameter now: taken as the last activity where a clock was set back.
  private mutating func pass(to now: Instant) {
    let gap = max(0, now.milliseconds(since: lastActivityAt))
    if gap <= Self.longestGapMs { activeMilliseconds += gap }
    lastActivityAt = max(now, lastActivityAt)
  }

  private mutating func close(_ cause: SessionEnd.Cause) -> SessionEnd {
    let end = SessionEnd(
      cause: cause, at: lastActivityAt, durationSeconds: activeMilliseconds / 1000, cardsSeen: cardsSeen,
      learnedCards: cardsKnown)
    self.end = end
    return end
  }
}
