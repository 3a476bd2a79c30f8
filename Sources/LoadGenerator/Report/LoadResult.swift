import EventSchema

/// What a run is summed up as: the JSON result, field by field.
package struct LoadResult: Encodable, Sendable {
  package struct Verification: Encodable, Sendable {
    package let ok: Bool
    package let seconds: Double
    package let expected: Int
    package let found: Int
    package let differences: [String]
    package let error: String?
    package let ackedToQueryableMs: LatencySummary?
    package let intendedToQueryableMs: LatencySummary?

    package init(_ outcome: Verifier.Outcome, ledger: DeliveryLedger, probe: QueryableProbe.Result?) {
      ok = outcome.holds
      seconds = outcome.seconds.rounded(toPlaces: 3)
      expected = ledger.count
      found = outcome.found.reduce(0) { $0 + $1.count }
      differences = outcome.differences.map(\.text)
      error = outcome.error
      ackedToQueryableMs = probe?.fromAck.summary
      intendedToQueryableMs = probe?.fromIntended.summary
    }
  }

  /// Nil for a replay.
  package let seed: UInt64?
  package let file: String?
  /// Events a second asked for; nil for as fast as possible.
  package let rate: Double?
  package let sent: Int
  package let acked: Int
  /// Batches acknowledged without an offset: the broker took a retry for the double of what it has.
  package let ackedWithoutOffset: Int
  package let failed: Int
  package let unknown: Int
  package let failures: [String: Int]
  package let poison: Int
  package let duplicates: Int
  package let skippedLines: Int
  package let bytes: Int
  package let seconds: Double
  package let ackedPerSecond: Double
  package let stoppedEarly: Bool
  package let intendedToAckedMs: LatencySummary?
  package let byType: [String: Int]
  package let deadLetters: [String: Int]
  package let partitions: [String: Int]
  package var verification: Verification?

  /// All that was to be sent is acknowledged and, if that was asked for, found.
  package var isComplete: Bool { failed == 0 && unknown == 0 && !stoppedEarly && verification?.ok != false }

  package init(
    _ outcome: LoadRun.Outcome, source: any MessageSource, seed: UInt64?, file: String?, rate: Double?
  ) {
    let ledger = outcome.ledger
    self.seed = seed
    self.file = file
    self.rate = rate
    sent = outcome.sent
    acked = outcome.acked
    ackedWithoutOffset = outcome.ackedWithoutOffset
    failed = outcome.failed
    unknown = outcome.unknown
    failures = outcome.failures
    duplicates = source.duplicates
    skippedLines = source.skippedLines
    bytes = outcome.bytes
    seconds = outcome.seconds.rounded(toPlaces: 3)
    ackedPerSecond = (Double(outcome.acked) / max(outcome.seconds, 1e-9)).rounded()
    stoppedEarly = outcome.wasStopped
    intendedToAckedMs = outcome.ackLatency.summary
    func counts(_ isEvent: Bool) -> [String: Int] {
      Dictionary(
        uniqueKeysWithValues: Fate.all.filter { $0.isEvent == isEvent && ledger.tally($0).count > 0 }
          .map { ($0.name, ledger.tally($0).count) })
    }
    byType = counts(true)
    deadLetters = counts(false)
    poison = deadLetters.values.reduce(0, +)
    partitions = Dictionary(
      uniqueKeysWithValues: ledger.runs.map { ($0.key.description, $0.value.reduce(0) { $0 + $1.count }) })
  }
}

extension Verifier.Difference {
  /// For a person: what differs, and how.
  package var text: String {
    let place = fate.isEvent ? "events of type \(fate.name)" : "dead letters for \(fate.name)"
    if found.count < expected.count { return "\(place): \(expected.count - found.count) missing of \(expected.count)" }
    if found.count > expected.count {
      return "\(place): \(found.count - expected.count) more than the \(expected.count) sent"
    }
    return "\(place): all \(expected.count) are there, but not with the same ids or contents (checksum differs)"
  }
}

extension Double {
  package func rounded(toPlaces places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    return (self * scale).rounded() / scale
  }
}
