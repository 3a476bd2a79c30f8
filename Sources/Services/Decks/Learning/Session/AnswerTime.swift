/// How long a learner took to answer: what lasts longer than a minute counts as one, he was elsewhere.
package struct AnswerTime: Sendable, Equatable {
  package static let longestMs = 60_000

  /// 0…60,000, rounded to the nearest.
  package let milliseconds: Int

  package init(seconds: Double) throws(AnswerTimeError) {
    guard seconds.isFinite else { throw .notANumber }
    guard seconds >= 0 else { throw .negative }
    milliseconds = Int((min(seconds, Double(Self.longestMs) / 1000) * 1000).rounded())
  }
}

package enum AnswerTimeError: Error, Equatable, CustomStringConvertible {
  case negative
  case notANumber

  package var description: String {
    switch self {
    case .negative: "answer_time_seconds must not be negative"
    case .notANumber: "answer_time_seconds must be a finite number"
    }
  }
}
