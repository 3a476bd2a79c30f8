/// How large the generated world is and when its events happened.
package struct WorldConfiguration: Sendable {
  /// Decides everything: the same configuration gives the same events.
  package var seed: UInt64
  /// How many events there will be.
  package var events: Int
  /// The time they cover, milliseconds since 1970.
  package var startMs: Int64
  package var endMs: Int64
  package var users = 10_000
  package var decks = 500
  package var courses = 40
  /// Zipf exponents of activity by user and popularity by deck.
  package var userSkew = 0.8
  package var deckSkew = 0.9

  package init(seed: UInt64, events: Int, startMs: Int64, endMs: Int64) {
    self.seed = seed
    self.events = events
    self.startMs = startMs
    self.endMs = endMs
  }
}
