import CivilTime
import HTTPService
import ServiceContract
import ServiceStore

/// `GET|PATCH /api/learn/settings`
enum SettingsOperations {
  static func add(to api: inout API<CallContext>, _ store: LearningStore) {
    let success = SuccessDeclaration.json(as: LearningSettings.representation, "How the caller learns.")
    api.on(
      APIOperation(
        .get, "/api/learn/settings", id: "getLearningSettings", "How I learn", tag: "learn", access: .person,
        success: success, failures: StoreFailures.declarations)
    ) { _, context in Reply(try await store.settings(.init(context))) }
    api.on(
      APIOperation(
        .patch, "/api/learn/settings", id: "changeLearningSettings", "Change how I learn", tag: "learn",
        access: .person, body: .json(SettingsChange.self), success: success, failures: StoreFailures.declarations)
    ) { call, context in Reply(try await store.change(call.body, .init(context))) }
  }
}

extension LearningSettings {
  static let representation = Representation<LearningSettings>.object(
    "LearningSettings",
    [
      .init("timezone", .text, "Of the IANA database; days and limits follow it.") { $0.calendar.zone.name },
      .init("day_starts_at", .text, "When the learner's day begins, by his clocks.") {
        $0.calendar.dayStartsAt.description
      },
      .init("new_per_day", .count, "New cards a day, over all decks.") { $0.newPerDay },
      .init("reviews_per_day", .count, "Reviews a day, over all decks.") { $0.reviewsPerDay },
      .init("desired_retention", .number, "How probably a card should still be known when it is asked.") {
        $0.desiredRetention
      },
      .init("scheduler", .choice(Scheduler.allCases.map(\.rawValue))) { $0.scheduler.rawValue },
    ])
}

extension SettingsChange: RequestObject {
  struct Fields: FieldSet {
    let zone = Field(optional: "timezone", .timeZone)
    let dayStartsAt = Field(optional: "day_starts_at", .text(5...5, .timeOfDay))
    let newPerDay = Field(optional: "new_per_day", .integer(LearningSettings.dailyLimits))
    let reviewsPerDay = Field(optional: "reviews_per_day", .integer(LearningSettings.dailyLimits))
    let desiredRetention = Field(optional: "desired_retention", .number(LearningSettings.retentions))
    let scheduler = Field(optional: "scheduler", .choice(of: LearningSettings.Scheduler.self))

    init() {}
  }

  init(_ given: Given<Fields>) {
    zone = given.zone.flatMap { Zone($0) }
    dayStartsAt = given.dayStartsAt.flatMap { TimeOfDay($0) }
    newPerDay = given.newPerDay
    reviewsPerDay = given.reviewsPerDay
    desiredRetention = given.desiredRetention
    scheduler = given.scheduler
  }
}

extension TextRule {
  fileprivate static let timeOfDay = TextRule(
    pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$", demand: "must be a time of day such as 04:00"
  ) { TimeOfDay($0) != nil }
}
