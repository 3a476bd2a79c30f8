import Blocking
import CivilTime
import PlatformClient
import School
import Settings
import Synchronization
import Testing

/// The demonstration school, made on a stub of the platform.
@Suite struct SchoolSeederTests {
  private static let until = CivilDate(year: 2026, month: 5, dayOfMonth: 4)

  private func seeder(_ platform: StubPlatform, seed: UInt64 = 1, _ counts: SchoolCounts = SchoolCounts()) throws
    -> SchoolSeeder
  {
    let plan = SchoolPlan(
      gateway: platform.url, managerEmail: "head@school.example", password: Secret("a school's own"), seed: seed,
      learners: 24, weeks: 6, until: Zone.utc.instant(Self.until, secondOfDay: 43_200), connections: 4,
      timeHeader: { "\($0)" })
    return try SchoolSeeder(plan, counts: counts)
  }

  private func platform() -> StubPlatform {
    let platform = StubPlatform()
    platform.addManager("head@school.example", "a school's own")
    return platform
  }

  @Test func aSecondRunAddsNothing() throws {
    let platform = platform()
    defer { platform.stop() }
    let counts = SchoolCounts()
    guard
      case .made(let log, let expected) = try seeder(platform, counts).run(stop: CancellationFlag(), stage: { _ in })
    else {
      Issue.record("the school was there")
      return
    }
    let events = platform.read(\.events)
    let manager: Int64 = 1
    #expect(expected.people == Set(platform.read { $0.people.map(\.id) }).subtracting([manager]))
    // All that there is, but for the manager's login and his deck, the log.
    #expect(platform.read { $0.decks.last?.id } == log.deck)
    let theirs = events.filter { $0.key.person != manager }
    #expect(expected.differences(from: theirs).isEmpty)
    #expect(expected.decks == Set(platform.read { $0.decks.map(\.id) }).subtracting([log.deck]))
    #expect(expected.byType["deck_updated"] == 1)
    #expect(expected.byType["card_answered"] == counts.answers && expected.byType["test_completed"] == counts.tests)
    #expect(counts.answers == events.filter { $0.key.type == "card_answered" }.reduce(0) { $0 + $1.value })
    #expect(counts.learners == 24 && counts.answers > 500 && counts.tests > 3 && counts.pictures > 40)
    let again = SchoolCounts()
    let outcome = try seeder(platform, again).run(stop: CancellationFlag()) { _ in }
    #expect(outcome == .wasThere(log) && log.about == "Seed 1, 24 learners, 6 weeks until 2026-05-04.")
    var grown = events
    // But for the login by which it looks.
    grown[EventKey("user_logged_in", person: manager)] = 2
    #expect(platform.read(\.events) == grown && again.answers == 0)
  }

  @Test func theSameSeedIsTheSameSchool() throws {
    func deeds(_ seed: UInt64) throws -> [String: [String]] {
      let platform = platform()
      defer { platform.stop() }
      _ = try seeder(platform, seed: seed).run(stop: CancellationFlag()) { _ in }
      return platform.read { $0.deeds.filter { $0.key.hasPrefix("learner") } }
    }
    let first = try deeds(1)
    #expect(first.count == 24)
    #expect(try deeds(1) == first)
    #expect(try deeds(2) != first)
  }

  @Test func everybodysTimeGoesForwardAndEndsBeforeNow() throws {
    let platform = platform()
    defer { platform.stop() }
    _ = try seeder(platform).run(stop: CancellationFlag()) { _ in }
    let until = Int64(Zone.utc.instant(Self.until, secondOfDay: 43_200).milliseconds)
    let first = until - 50 * 86_400_000
    for (person, deeds) in platform.read({ $0.deeds }) where person.hasPrefix("learner") {
      let times = deeds.compactMap { Int64($0.split(separator: " ").last ?? "") }
      #expect(times.count == deeds.count, "\(person) did something by another clock")
      #expect(times == times.sorted(), "\(person)")
      #expect(times.allSatisfy { (first..<until).contains($0) }, "\(person)")
    }
  }

  @Test func whatWasInterruptedGoesOn() throws {
    let platform = platform()
    defer { platform.stop() }
    let stop = CancellationFlag()
    #expect(throws: PlatformError.cancelled) {
      try seeder(platform).run(stop: stop) { stage in if stage.hasPrefix("week 3") { stop.raise() } }
    }
    let (titles, people) = platform.read { ($0.decks.map(\.title), $0.people.map(\.email)) }
    let deeds = platform.read { $0.deeds }
    #expect(people.count > 4 && people.count < 28 && !titles.isEmpty)
    guard case .made(_, let expected) = try seeder(platform).run(stop: CancellationFlag(), stage: { _ in }) else {
      Issue.record("the school was there")
      return
    }
    let theirs = platform.read { state in state.people.filter { people.contains($0.email) }.map(\.id) }
    #expect(expected.people.isDisjoint(with: theirs), "of them this run knows nothing")
    let all = platform.read { $0.decks.map(\.title) }
    #expect(all.starts(with: titles) && all.count(where: { $0 == "Flags" }) == 1)
    #expect(Set(platform.read { $0.people.map(\.email) }).count == platform.read(\.people.count))
    for person in people where person.hasPrefix("learner") {
      #expect(platform.read { $0.deeds[person] } == deeds[person], "who was there stays as he is")
    }
  }

  @Test func aWrongPasswordIsSaidAtOnce() throws {
    let platform = StubPlatform()
    defer { platform.stop() }
    platform.addManager("head@school.example", "another")
    let error = #expect(throws: PlatformError.self) { try seeder(platform).run(stop: CancellationFlag()) { _ in } }
    #expect(error?.status == 401 && platform.read(\.people.count) == 1)
  }
}
