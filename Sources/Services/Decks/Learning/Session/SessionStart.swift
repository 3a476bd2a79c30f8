import CivilTime

/// What asking for a session leads to.
package enum SessionStart: Sendable, Equatable {
  /// The active one goes on.
  case resumed(StudySession)
  /// A new one; with the end of an earlier one that was left, or was of another mode.
  case started(StudySession, ended: SessionEnd?)
  /// A deck without cards has nothing to ask.
  case refusedWithoutCards

  /// - Parameters:
  ///   - mode: nil where the learner does not say: what is active goes on, else `due` begins.
  ///   - active: the learner's session of that deck which has not ended.
  package init(mode: StudyMode?, active: StudySession?, cards: Int, at now: Instant) {
    var active = active
    let abandoned = active?.sweep(at: now)
    if let session = active, session.end == nil, mode == nil || mode == session.mode {
      self = .resumed(session)
      return
    }
    guard cards > 0 else {
      self = .refusedWithoutCards
      return
    }
    let ended = abandoned ?? active?.finish(at: now)
    self = .started(StudySession(mode: mode ?? .due, startedAt: now), ended: ended)
  }
}
