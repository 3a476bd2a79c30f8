import HTTPService
import ServiceContract
import ServiceStore

/// `GET /api/learn/due`
enum DueOperations {
  static func add(to api: inout API<CallContext>, _ store: LearningStore) {
    api.on(
      APIOperation(
        .get, "/api/learn/due", id: "getDue", "What is due today", tag: "learn", access: .person,
        success: .json(as: today, "The learner's day, and the decks he owns or has begun, the newest first."),
        failures: StoreFailures.declarations)
    ) { _, context in Reply(try await store.due(.init(context))) }
  }

  private static let deck = Representation<LearningStore.DueDeck>.object(
    "DueDeck",
    [
      .init("deck_id", .id) { $0.id },
      .init("title", .text) { $0.title },
      .init("new", .count, "Never answered, within the day's limit.") { $0.counts.new },
      .init("learning", .count, "At a short step that is due today.") { $0.counts.learning },
      .init("due", .count, "Reviews due today or before, within the day's limit.") { $0.counts.due },
      .init("overdue", .count, "Of `due`, those from before today.") { $0.counts.overdue },
    ])

  private static let streak = Representation<Streak>.object(
    "Streak",
    [
      .init("current", .count, "Days in a row, until today, or yesterday while today is open.") { $0.current },
      .init("longest", .count) { $0.longest },
      .init("today_open", .flag, "Nothing was studied today yet, and the run ends if nothing will be.") {
        $0.isTodayOpen
      },
    ])

  private static let today = Representation<LearningStore.Today>.object(
    "Today",
    [
      .init("new_left", .count, "Of the day's limit.") { max(0, $0.settings.newPerDay - $0.tally.newCards) },
      .init("reviews_left", .count, "Of the day's limit.") { max(0, $0.settings.reviewsPerDay - $0.tally.reviews) },
      .init("streak", streak) { $0.streak },
      .init("decks", .array(deck)) { $0.decks },
    ])
}
