import CivilTime
import LoadGenerator
import PlatformClient
import School
import Testing

@Suite struct PersonalMemoryTests {
  private let start = Instant(seconds: 1_700_000_000)

  private func later(_ days: Int) -> Instant { start.adding(milliseconds: days * Instant.millisecondsPerDay) }

  @Test func recallFallsWithTime() {
    var memory = PersonalMemory(prior: 0.3, slip: 0.02)
    #expect(memory.recall(of: 1, at: start) == 0.3, "a card never seen is known by chance")
    memory.answered(1, rating: 3, at: start)
    let days = (0...400).map { memory.recall(of: 1, at: later($0)) }
    #expect(days[0] == 0.98, "at once he knows it, but for a slip")
    for (before, after) in zip(days, days.dropFirst()) { #expect(after < before) }
    // What stability means, with the slip: 0.9 after 2.3 days.
    #expect(days[2] > 0.98 * 0.9 && days[3] < 0.98 * 0.9)
    #expect(memory.recall(of: 2, at: later(9)) == 0.3 && memory.known == [1])
  }

  @Test func answersStrengthenAndLapsesWeaken() {
    func recall(_ ratings: [Int], strength: Double = 1) -> Double {
      var memory = PersonalMemory(strength: strength, prior: 0, slip: 0)
      for (index, rating) in ratings.enumerated() { memory.answered(7, rating: rating, at: later(index * 3)) }
      return memory.recall(of: 7, at: later(ratings.count * 3 + 20))
    }
    #expect(recall([3]) < recall([3, 3]) && recall([3, 3]) < recall([3, 3, 3]))
    #expect(recall([3, 3, 1]) < recall([3, 3, 2]) && recall([3, 3, 2]) < recall([3, 3, 3]))
    #expect(recall([3, 3, 3]) < recall([3, 3, 4]))
    #expect(recall([3], strength: 0.5) < recall([3]) && recall([3]) < recall([3], strength: 2))
  }

  @Test func whatIsLikelyKnownIsOftenRight() {
    let habit = AnswerHabit(medianSeconds: 3, confidence: 0.2)
    var random = SeededGenerator(seed: 5)
    for recall in [0.0, 0.2, 0.6, 0.9, 1.0] {
      let answers = (0..<8_000).map { _ in habit.answer(recall: recall, using: &random) }
      let share = Double(answers.count(where: \.isCorrect)) / 8_000
      #expect(abs(share - recall) < 0.02, "\(recall): \(share)")
      #expect(answers.allSatisfy { $0.isCorrect == ($0.rating > 1) && (1...4).contains($0.rating) })
      #expect(answers.allSatisfy { (0.6...180).contains($0.seconds) })
    }
    func median(_ recall: Double) -> Double {
      var random = SeededGenerator(seed: 5)
      return (0..<2_001).map { _ in habit.answer(recall: recall, using: &random).seconds }.sorted()[1_000]
    }
    #expect(median(0.1) > 1.5 * median(0.99), "what is hardly known takes longer")
  }
}

@Suite struct StudyRhythmTests {
  private let first = CivilDate(year: 2026, month: 3, dayOfMonth: 2)

  @Test func nobodyStudiesAtNightOrOnDaysOff() throws {
    let zone = try #require(Zone("America/New_York"))
    let active = first.adding(days: 3)...first.adding(days: 60)
    let pause = first.adding(days: 20)...first.adding(days: 26)
    // Clocks change on 8 March.
    let rhythm = StudyRhythm(
      zone: zone, usualSecond: 22 * 3600, workday: 0.9, weekend: 0.2, active: active, pause: pause)
    var random = SeededGenerator(seed: 9)
    var (workdays, weekends) = (0, 0)
    for day in 0..<90 {
      let date = first.adding(days: day)
      guard let begins = rhythm.begins(on: date, using: &random) else {
        #expect(date != active.lowerBound, "he comes on the day he joins")
        continue
      }
      #expect(active.contains(date) && !pause.contains(date))
      #expect(zone.date(at: begins) == date)
      let second = begins.seconds - zone.start(of: date).seconds
      #expect((5 * 3600...24 * 3600).contains(second))
      if date.day - date.monday.day >= 5 { weekends += 1 } else { workdays += 1 }
    }
    #expect(workdays > 25 && weekends < 8, "\(workdays), \(weekends)")
  }

  @Test func peopleAreDrawnFromTheSeed() {
    func people(_ seed: UInt64) -> [String] {
      (1...60).map { "\(Persona(number: $0, seed: seed, first: first, days: 42))" }
    }
    #expect(people(1) == people(1) && people(1) != people(2) && Set(people(1)).count == 60)
    let personas = (1...200).map { Persona(number: $0, seed: 1, first: first, days: 42) }
    #expect(Set(personas.map(\.rhythm.zone.name)).count >= 10)
    #expect(Set(personas.map(\.language)).count == 3)
    #expect(personas.contains(where: \.usesWeights) && personas.contains(where: \.makesDeck))
    let last = first.adding(days: 41)
    #expect(personas.allSatisfy { $0.rhythm.active.lowerBound >= first && $0.rhythm.active.upperBound <= last })
    let droppedOut = personas.count { $0.rhythm.active.upperBound < last.adding(days: -7) }
    #expect((20...100).contains(droppedOut), "\(droppedOut)")
  }
}
