import EventSchema
import Glibc

/// What people remember of cards, as spaced repetition sees it. A table of fixed size: of two pairs of a user and a card that
/// meet in one place the later stays, and the earlier one's next answer is a first one again.
struct CardMemories: Sendable {
  private struct Memory: Sendable {
    /// The pair, hashed; 0 for none.
    var pair: UInt64 = 0
    var answeredMs: Int64 = 0
    var stability = 0.0
    var scheduledDays: UInt32 = 0
  }

  private static let places = 1 << 16
  private static let dayMs = 86_400_000.0
  /// Days until nine in ten are remembered, after a first answer of each rating.
  private static let firstStability = [0.4, 1.2, 3.2, 15.7]
  private static let longestDays = 3_650.0

  private var memories = [Memory](repeating: Memory(), count: places)

  /// Remembers an answer.
  /// - Parameter rating: 1 to 4, 1 for a wrong answer.
  /// - Returns: how it stood to the schedule.
  mutating func answer(user: Int, card: Int, rating: UInt8, atMs nowMs: Int64) -> AnswerSchedule {
    let pair = SeededGenerator.mix(UInt64(user) << 32 | UInt64(card)) | 1
    let place = Int(pair >> 32) % Self.places
    let before = memories[place]
    var schedule = AnswerSchedule.none
    var stability = Self.firstStability[Int(rating) - 1]
    if before.pair == pair {
      let elapsedMs = max(0, nowMs - before.answeredMs)
      // FSRS-4.5's curve of forgetting: 0.9 after as many days as the memory is stable.
      let retrievability = 1 / sqrt(1 + 19.0 / 81 * Double(elapsedMs) / Self.dayMs / before.stability)
      schedule.sincePreviousSec = UInt32(elapsedMs / 1_000)
      schedule.scheduledDays = before.scheduledDays
      schedule.stability = before.stability
      schedule.retrievability = Self.rounded(retrievability)
      stability =
        rating == 1
        ? max(0.2, before.stability * 0.3) : before.stability * (1 + Double(rating) * (1.05 - retrievability))
    }
    stability = Self.rounded(min(stability, Self.longestDays))
    let days = rating == 1 ? 0 : max(1, stability.rounded())
    schedule.dueAtMs = nowMs + (rating == 1 ? 600_000 : Int64(days * Self.dayMs))
    memories[place] = Memory(pair: pair, answeredMs: nowMs, stability: stability, scheduledDays: UInt32(days))
    return schedule
  }

  /// To four places, as producers send it.
  private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
