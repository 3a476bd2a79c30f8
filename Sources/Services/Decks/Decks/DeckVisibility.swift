/// Who may see a deck. The raw value is its text in requests, answers and the database.
package enum DeckVisibility: String, Sendable, CaseIterable {
  case everyone = "public"
  case owner = "private"
}
