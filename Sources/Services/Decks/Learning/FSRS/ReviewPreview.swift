import CivilTime

/// When a card would be asked next if it were rated so now.
package struct ReviewPreview: Sendable, Equatable {
  package let rating: Rating
  package let dueAt: Instant
  /// From the answer to `dueAt`, in seconds, a fraction rounded down.
  package let intervalSeconds: Int

  init(rating: Rating, dueAt: Instant, answeredAt: Instant) {
    self.rating = rating
    self.dueAt = dueAt
    intervalSeconds = dueAt.milliseconds(since: answeredAt) / 1000
  }
}
