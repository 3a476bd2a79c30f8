/// What became of one letter in a run of replays.
package enum ReplayOutcome: Sendable, Equatable {
  /// Sent now, at this offset of the letter's partition.
  case sent(offset: Int64)
  /// A dry run: it would be sent.
  case valid
  /// Sent before, by a replay that has ended or was killed.
  case sentBefore(offset: Int64)
  /// Its event is there already, under these coordinates; nothing is sent.
  case present(at: LetterCoordinates?)
  /// The decoder of this version still refuses it.
  case invalid(reason: String, detail: String)
  /// The same of a correction.
  case correctionInvalid(reason: String, detail: String)
  /// The broker did not confirm the message; the next run finds out whether it came in.
  case unconfirmed(String)
  /// An earlier replay was killed, and Kafka no longer has the messages that would tell whether it sent.
  case undecided

  /// A word that programs may rely on.
  package var name: String {
    switch self {
    case .sent: "sent"
    case .valid: "valid"
    case .sentBefore: "sent_before"
    case .present: "present"
    case .invalid: "invalid"
    case .correctionInvalid: "correction_invalid"
    case .unconfirmed: "unconfirmed"
    case .undecided: "undecided"
    }
  }

  /// Whether an operator has to look at it.
  package var isFailure: Bool {
    switch self {
    case .sent, .valid, .sentBefore, .present, .invalid: false
    case .correctionInvalid, .unconfirmed, .undecided: true
    }
  }
}

/// How many letters came to what, by the reason for which they were set aside.
package struct ReplayTally: Sendable {
  package private(set) var byReason: [String: [String: Int]] = [:]
  package private(set) var failures = 0

  package init() {}

  package mutating func count(_ outcome: ReplayOutcome, reason: String) {
    byReason[reason, default: [:]][outcome.name, default: 0] += 1
    if outcome.isFailure { failures += 1 }
  }

  package func total(_ name: String) -> Int { byReason.values.reduce(0) { $0 + ($1[name] ?? 0) } }
  package var letters: Int { byReason.values.reduce(0) { $0 + $1.values.reduce(0, +) } }
}
