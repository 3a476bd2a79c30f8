import CivilTime
import Glibc
import LoadGenerator

/// A made-up person of the school: who he is and how he learns, all drawn from the school's seed and his number.
package struct Persona: Sendable {
  package let number: Int
  package let name: String
  package let surname: String
  package let language: Language
  package let rhythm: StudyRhythm
  package let habit: AnswerHabit
  package let strength: Double
  package let prior: Double
  package let slip: Double
  /// New cards that he wants a day; as his settings say.
  package let newPerDay: Int
  /// Nil for the platform's.
  package let desiredRetention: Double?
  /// He has chosen the first platform's scheduler.
  package let usesWeights: Bool
  /// Answers after which he has had enough for a sitting.
  package let patience: Int
  /// How likely he leaves a session instead of finishing it.
  package let leaves: Double
  /// How likely he tests himself after a session.
  package let tests: Double
  /// How many decks he learns.
  package let decks: Int
  /// He makes a private deck of his own.
  package let makesDeck: Bool

  /// - Parameters:
  ///   - first: the school's first day.
  ///   - days: how long it has been open.
  package init(number: Int, seed: UInt64, first: CivilDate, days: Int) {
    var random = SeededGenerator(seed: SeededGenerator.mix(seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15))
    self.number = number
    language = random.pick([.russian, .russian, .russian, .english, .german, .german])
    let isWoman = random.chance(0.55)
    name = random.pick(language.givenNames(ofWomen: isWoman))
    surname = language.surname(random.below(language.surnameCount), ofWoman: isWoman)
    rhythm = Self.rhythm(language, first: first, days: days, &random)
    habit = AnswerHabit(medianSeconds: 2.2 * exp(0.4 * random.gaussian()), confidence: random.between(0.02, 0.3))
    strength = min(max(exp(0.35 * random.gaussian()), 0.4), 2.5)
    prior = random.between(0.05, 0.5)
    slip = random.between(0.01, 0.08)
    newPerDay = random.pick([4, 5, 6, 8, 10, 12])
    desiredRetention = random.chance(0.15) ? random.pick([0.85, 0.92, 0.95]) : nil
    usesWeights = random.chance(0.04)
    patience = 4 + random.below(8)
    leaves = random.chance(0.3) ? random.between(0.1, 0.4) : 0.03
    tests = random.chance(0.5) ? random.between(0.05, 0.25) : 0.02
    decks = 1 + random.below(3)
    makesDeck = random.chance(0.06)
  }

  /// For what he does day by day: another sequence than the one that made him.
  func sequence(seed: UInt64) -> SeededGenerator {
    SeededGenerator(seed: SeededGenerator.mix(seed ^ UInt64(number + 1) &* 0xD6E8_FEB8_6659_FD93))
  }

  private static func rhythm(
    _ language: Language, first: CivilDate, days: Int, _ random: inout SeededGenerator
  ) -> StudyRhythm {
    // Most come in the first week, the others later, the latest when two weeks are left.
    let joins = random.chance(0.6) ? random.below(min(7, days)) : random.below(max(1, days - 14))
    // A third drops out: soon, or after some weeks.
    let stays = random.chance(0.35) ? 1 + Int(exp(random.between(0.7, 3.3))) : days
    let last = min(days - 1, joins + stays)
    let diligence = random.between(0.1, 0.36)
    let pauseStart = joins + random.below(days)
    let pause = random.chance(0.25) ? first.adding(days: pauseStart)...first.adding(days: pauseStart + 6) : nil
    let usual = random.pick([7, 8, 13, 18, 19, 20, 20, 21, 21, 22]) * 3600 + random.below(3600)
    return StudyRhythm(
      zone: random.pick(language.zones), usualSecond: usual, workday: diligence,
      weekend: diligence * random.between(0.4, 1.2), active: first.adding(days: joins)...first.adding(days: last),
      pause: pause)
  }
}
