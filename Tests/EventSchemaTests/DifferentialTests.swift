import CSimdjson
import EventSchema
import Testing

/// The decoder against the reference decoder, and its idea of JSON against simdjson's, over seeded fuzz.
@Suite struct DifferentialTests {
  private static let timestamps: [Int64] = [-1, 0, 1_700_000_000_000, 1_800_000_000_000]

  @Test("50,000 messages a seed: verdict, detail and row agree", arguments: [11, 12, 13, 14, 15] as [UInt64])
  func agreesWithTheReference(seed: UInt64) {
    var messages = FuzzedMessages(seed: seed)
    var decoder = EventDecoder(settings: EventSettings(emailHashKey: SipHash(k0: seed, k1: 1), keepsEmail: true))
    let reference = ReferenceDecoder(settings: decoder.settings)
    let columns = EventColumns(capacity: 300)
    var outcomes: [Verdict: Int] = [:]
    var disagreements = 0
    for count in 0..<50_000 {
      let bytes = messages.next()
      let timestamp = Self.timestamps[count % Self.timestamps.count]
      let offset = Int64(count)
      if columns.isFull { columns.reset() }
      let rows = columns.rowCount
      let verdict = decoder.decode(bytes, offset: offset, kafkaTimestampMs: timestamp, into: columns)
      let expected = reference.decode(bytes, offset: offset, kafkaTimestampMs: timestamp)
      outcomes[verdict, default: 0] += 1
      let row = columns.rowCount > rows ? columns.row(rows) : nil
      let isSameDetail =
        expected.detail == "byte" ? decoder.detail.hasPrefix("byte ") : decoder.detail == expected.detail
      if verdict != expected.verdict || row != expected.row || !isSameDetail {
        disagreements += 1
        if disagreements < 5 {
          Issue.record(
            """
            \(String(decoding: bytes, as: UTF8.self))
            decoder \(verdict) \(decoder.detail), reference \(expected.verdict) \(expected.detail)
            """)
        }
      }
      if case .invalid(let reason) = verdict { checkWithSimdjson(bytes, reason) } else { checkWithSimdjson(bytes, nil) }
    }
    #expect(disagreements == 0)
    // The fuzz must reach both ends: most reasons, and events of every type.
    let reasons = outcomes.keys.count { if case .invalid = $0 { true } else { false } }
    #expect(reasons >= 13, "\(outcomes)")
    #expect(outcomes.count - reasons == EventType.allCases.count)
    #expect(outcomes.filter { if case .event = $0.key { true } else { false } }.values.reduce(0, +) > 8_000)
  }

  private func checkWithSimdjson(_ bytes: [UInt8], _ reason: Reason?) {
    let opinion = bytes.withUnsafeBytes { csimdjson_is_valid($0.baseAddress, $0.count) }
    // It has no opinion of numbers it cannot hold; half surrogates are none of its business.
    guard opinion >= 0, reason != .loneSurrogate, reason != .tooDeep else { return }
    let isJSON = reason.map { ![.malformedJSON, .invalidUTF8, .nonFiniteNumber].contains($0) } ?? true
    if (opinion == 1) != isJSON {
      Issue.record("\(String(decoding: bytes, as: UTF8.self)): \(String(describing: reason)), simdjson \(opinion)")
    }
  }
}
