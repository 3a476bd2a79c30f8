/// How an answer stood to its card's schedule; nil is what the producer does not know, as all but the due date at a card's first
/// answer.
public struct AnswerSchedule: Sendable, Hashable {
  /// Seconds since the card's answer before.
  public var sincePreviousSec: UInt32?
  /// The interval that the answer before had set, in whole days; 0 for a step of minutes.
  public var scheduledDays: UInt32?
  /// Of the memory before this answer, in days.
  public var stability: Double?
  /// The probability of remembering just before this answer, 0…1.
  public var retrievability: Double?
  /// When the card is due after this answer, milliseconds since 1970; at most `EventDecoder.latestTimeMs`.
  public var dueAtMs: Int64?

  /// Of a producer that knows nothing of schedules.
  public static let none = AnswerSchedule()

  public init(
    sincePreviousSec: UInt32? = nil, scheduledDays: UInt32? = nil, stability: Double? = nil,
    retrievability: Double? = nil, dueAtMs: Int64? = nil
  ) {
    self.sincePreviousSec = sincePreviousSec
    self.scheduledDays = scheduledDays
    self.stability = stability
    self.retrievability = retrievability
    self.dueAtMs = dueAtMs
  }
}
