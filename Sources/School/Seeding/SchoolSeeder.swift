import Blocking
import CivilTime
import PlatformClient

/// Makes the demonstration school through the gateway: teachers and their decks, then week by week what its learners did.
///
/// A school that has its ``SchoolLog`` is whole, and nothing is added. One that was interrupted goes on: decks are made that are
/// not there, learners who are there stay as they are.
package struct SchoolSeeder: Sendable {
  package enum Outcome: Sendable, Equatable {
    /// With the events of the people whom this run has made.
    case made(SchoolLog, ExpectedEvents)
    case wasThere(SchoolLog)
  }

  private let plan: SchoolPlan
  private let texts: [DeckText]
  package let counts: SchoolCounts

  package init(_ plan: SchoolPlan, counts: SchoolCounts) throws(DeckTextError) {
    self.plan = plan
    self.counts = counts
    texts = try SchoolLibrary.decks()
  }

  /// Blocks: run it on a thread of its own.
  /// - Parameters:
  ///   - stop: raised, ends it between two calls; it can be gone on with.
  ///   - stage: told what it is at, again and again.
  package func run(stop: CancellationFlag, stage: @escaping @Sendable (String) -> Void) throws(PlatformError) -> Outcome
  {
    let connection = PlatformConnection(plan.gateway, cancellation: stop)
    // Somebody waits to hear whether the platform is there at all.
    var manager = SignedInPerson(
      try PatientCaller(connection, patience: .seconds(3))
        .send(.login(email: plan.managerEmail, password: plan.password.revealed)))
    let caller = PatientCaller(connection)
    let own = try caller.send(.listDecks(author: manager.id, limit: 100), as: &manager)
    if let log = own.first(where: { $0.title == SchoolLog.title }) {
      return .wasThere(SchoolLog(deck: log.id, about: log.description))
    }
    stage("teachers")
    var staff = try Staff(plan, &manager, caller, counts)
    var learners = (1...plan.learners).map { number in
      LearnerReplay(Persona(number: number, seed: plan.seed, first: plan.firstDay, days: plan.days), plan)
    }
    var decks: [SchoolDeck] = []
    for week in 0..<plan.weeks {
      let name = "week \(week + 1) of \(plan.weeks)"
      stage(name)
      decks += try staff.makeDecks(texts, week: week)
      if week == plan.weeks / 2 {
        try staff.revise(decks, at: plan.morning(plan.firstDay.adding(days: week * 7 + 1)))
      }
      learners = try replayed(learners, week, decks, stop) { stage(name) }
    }
    let about =
      "Seed \(plan.seed), \(plan.learners) learners, \(plan.weeks) weeks until \(Zone.utc.date(at: plan.until))."
    let log = NewDeck(title: SchoolLog.title, description: about, isPrivate: true, categories: ["other"])
    let made = try caller.send(.createDeck(log), as: &manager)
    var expected = staff.expected
    for learner in learners { expected.merge(learner.expected) }
    return .made(SchoolLog(deck: made.id, about: about), expected)
  }

  /// One week of all learners, some at a time.
  private func replayed(
    _ learners: [LearnerReplay], _ week: Int, _ decks: [SchoolDeck], _ stop: CancellationFlag,
    progress: @escaping @Sendable () -> Void
  ) throws(PlatformError) -> [LearnerReplay] {
    let days = plan.days(ofWeek: week)
    let crew = Crew(name: "learners", threads: plan.connections) { [gateway = plan.gateway] in
      PlatformConnection(gateway, cancellation: stop)
    }
    return try crew.work(on: learners) { learner, connection throws(PlatformError) in
      if stop.isRaised { throw .cancelled }
      try learner.live(days, decks, over: PatientCaller(connection), counts)
      progress()
    }
  }
}
