/// The first cards of each class, a branch of the statements each: see ``QueueWindow``. A branch has a row for each card, with
/// `id` and whether it is the `first` in the deck that was not asked.
extension QueueWindow {
  private static let ofLearner = "q.user_id = v.user_id AND q.deck_id = v.deck_id AND q.card_id <> $6"
  private static let neverAsked = """
    NOT EXISTS (SELECT FROM answers x WHERE x.session_id = v.id AND x.card_id = q.card_id)
    """

  static let firstStep = """
    SELECT q.card_id AS id, false AS first FROM schedules q
    WHERE v.scheduler = 'fsrs6' AND v.mode <> 'cram' AND \(ofLearner) AND q.phase <> 'review'
    ORDER BY q.due_at, q.card_id LIMIT 1
    """
  static let firstUnseenStep = """
    SELECT q.card_id AS id, false AS first FROM schedules q
    WHERE v.scheduler = 'fsrs6' AND v.mode = 'all' AND \(ofLearner) AND q.phase <> 'review' AND \(neverAsked)
    ORDER BY q.due_at, q.card_id LIMIT 1
    """

  private static let dueReview = """
    v.scheduler = 'fsrs6' AND v.mode = 'due' AND v.reviews_left AND \(ofLearner) AND q.phase = 'review' \
    AND q.due_at < v.day_to AND (q.due_at <= v.moment OR q.last_review_at < v.day_from)
    """
  static let anyDueReview = """
    SELECT q.card_id AS id, false AS first FROM schedules q WHERE \(dueReview) ORDER BY q.due_at LIMIT 1
    """
  /// Retrievability falls as whole days over stability rise.
  private static let mostForgottenFirst = """
    ORDER BY floor(greatest(0, extract(epoch FROM v.moment - q.last_review_at)::float8) / 86400) / q.stability DESC, \
    q.due_at, q.card_id LIMIT 8
    """
  static let forgottenDueReviews = """
    SELECT q.card_id AS id, false AS first FROM schedules q WHERE \(dueReview) \(mostForgottenFirst)
    """
  static let forgottenUnseenReviews = """
    SELECT q.card_id AS id, false AS first FROM schedules q
    WHERE v.scheduler = 'fsrs6' AND v.mode = 'all' AND \(ofLearner) AND q.phase = 'review' AND \(neverAsked)
    \(mostForgottenFirst)
    """

  /// The deck from where it is not known to have been asked.
  private static func firstUnasked(_ isOfKind: String, unless known: String) -> String {
    """
    SELECT k.id, true AS first FROM cards k
    WHERE (\(isOfKind)) AND k.deck_id = v.deck_id AND (k.order_index, k.id) >= (v.from_index, v.from_card)
      AND k.id <> $6 AND NOT EXISTS (\(known))
    ORDER BY k.order_index, k.id LIMIT 1
    """
  }
  static func unaskedOfSession(_ isOfKind: String) -> String {
    firstUnasked(isOfKind, unless: "SELECT FROM answers x WHERE x.session_id = v.id AND x.card_id = k.id")
  }
  static func newToFSRS(_ isOfMode: String) -> String {
    firstUnasked(
      "v.scheduler = 'fsrs6' AND \(isOfMode) AND (v.mode <> 'due' OR v.new_left)",
      unless: "SELECT FROM schedules x WHERE x.card_id = k.id AND x.user_id = v.user_id")
  }
  static let newByWeight = firstUnasked(
    "v.scheduler = 'weights' AND v.mode <> 'cram'",
    unless: """
      SELECT FROM schedules x WHERE x.card_id = k.id AND x.user_id = v.user_id AND x.successes + x.failures > 0
      """)

  /// Of a cramming session: what was wrong the last time, the longest ago first. `OFFSET 0` has each card looked up; as a join,
  /// which it would become without, it read all cards that there are, whatever the mode.
  static let missed = """
    SELECT m.card_id AS id, false AS first FROM (
      SELECT DISTINCT ON (x.card_id) x.card_id, x.number, x.is_known FROM answers x
      WHERE v.mode = 'cram' AND x.session_id = v.id ORDER BY x.card_id, x.number DESC) m
    WHERE NOT m.is_known AND m.card_id <> $6 AND EXISTS (SELECT FROM cards k WHERE k.id = m.card_id OFFSET 0)
    ORDER BY m.number LIMIT 1
    """

  private static let answeredByWeight = """
    v.scheduler = 'weights' AND v.mode <> 'cram' AND \(ofLearner) AND q.successes + q.failures > 0
    """
  static let anyLearningByWeight = """
    SELECT q.card_id AS id, false AS first FROM schedules q WHERE \(answeredByWeight) AND q.streak < 3 LIMIT 1
    """
  static func heaviest(_ isOfKind: String) -> String {
    """
    SELECT q.card_id AS id, false AS first FROM schedules q JOIN cards k ON k.id = q.card_id
    WHERE \(answeredByWeight) AND \(isOfKind) ORDER BY q.weight_rank DESC, k.order_index, k.id LIMIT 4
    """
  }
}
