import EventSchema
import Foundation
import LoadGenerator
import Testing

/// What is sent, and what is expected to come of it.
struct SourceTests {
  private static let endMs: Int64 = 1_763_800_000_000

  private func configuration(events: Int) -> WorldConfiguration {
    WorldConfiguration(seed: 11, events: events, startMs: Self.endMs - 86_400_000, endMs: Self.endMs)
  }

  @Test func everyMessageMeetsTheFateForetold() {
    let source = SyntheticSource(configuration(events: 20_000), poison: 700, duplicates: 300)
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 1)
    var poison = 0
    var reasons: Set<String> = []
    var sent = 0
    while let message = source.next() {
      sent += 1
      columns.reset()
      let verdict = decoder.decode(Array(message.value), offset: 0, kafkaTimestampMs: Self.endMs, into: columns)
      switch verdict {
      case .event(let type): #expect(message.fate == .event(type))
      case .invalid(let reason):
        poison += 1
        reasons.insert(reason.rawValue)
        #expect(message.fate == .deadLetter(reason), "\(String(decoding: message.value.prefix(300), as: UTF8.self))")
      case .full: Issue.record("full")
      }
    }
    #expect(sent == 21_000 && source.total == 21_000)
    #expect(poison == 700 && source.duplicates == 300)
    #expect(reasons.count == 15)
  }

  @Test func digestsAgreeWithTheDecodersColumns() {
    let source = SyntheticSource(configuration(events: 20_000))
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 1)
    while let message = source.next() {
      columns.reset()
      _ = decoder.decode(Array(message.value), offset: 0, kafkaTimestampMs: Self.endMs, into: columns)
      #expect(message.digest == RowDigest(decoded: columns))
    }
  }

  @Test func wireSizeAndKeys() {
    let source = SyntheticSource(configuration(events: 10_000))
    var bytes = 0
    while let message = source.next() {
      bytes += message.value.count
      #expect(message.key?.isEmpty == false)
      if message.topic == .content {
        let key = String(decoding: message.key!, as: UTF8.self)
        #expect(key.hasPrefix("deck:") || key.hasPrefix("card:"))
      }
    }
    #expect((250...350).contains(bytes / 10_000), "\(bytes / 10_000) bytes an event")
  }

  @Test func termsDependOnPlaceAndContent() {
    let digest = RowDigest(high: 1, low: 2, content: 3)
    #expect(digest.term(partition: 0, offset: 5) != digest.term(partition: 1, offset: 5))
    #expect(digest.term(partition: 0, offset: 5) != digest.term(partition: 0, offset: 6))
    #expect(
      digest.term(partition: 0, offset: 5) != RowDigest(high: 1, low: 2, content: 4).term(partition: 0, offset: 5))
  }

  /// What is not known is none of the values, and each field counts for itself.
  @Test func contentTellsTheOptionalFieldsApart() {
    func digest(_ payload: EventPayload) -> RowDigest {
      RowDigest(Event(id: EventID(high: 1, low: 2), occurredAtMs: 3, producer: "p", payload: payload))
    }
    func answered(_ schedule: AnswerSchedule) -> RowDigest {
      digest(
        .cardAnswered(
          sessionID: 1, userID: 2, deckID: 3, cardID: 4, correct: true, answerTimeMs: 5, rating: 1, answeredAtMs: 6,
          schedule: schedule))
    }
    let schedules = [
      AnswerSchedule.none, .init(sincePreviousSec: 0), .init(sincePreviousSec: 1), .init(scheduledDays: 0),
      .init(stability: 0), .init(stability: 0.5), .init(retrievability: 0), .init(dueAtMs: 0), .init(dueAtMs: 1),
    ]
    #expect(Set(schedules.map(answered)).count == schedules.count)
    let titles: [String?] = [nil, "a", "b", "ab"]
    let updated = titles.map { digest(.deckUpdated(deckID: 1, authorID: 2, changedAtMs: 3, title: $0)) }
    #expect(Set(updated).count == titles.count)
    let logins = [nil, "UTC"].map { digest(.userLoggedIn(userID: 1, loggedInAtMs: 2, timezone: $0)) }
    #expect(logins[0] != logins[1])
    let places = [0, 1].map { digest(.courseDeckAdded(courseID: 1, deckID: 2, orderIndex: $0, changedAtMs: 3)) }
    #expect(places[0] != places[1])
  }

  @Test func zipfDrawsAsItShould() {
    var generator = SeededGenerator(seed: 3)
    for skew in [0.0, 0.8, 1.0, 1.5] {
      let zipf = ZipfDistribution(count: 100, skew: skew)
      var counts = [Int](repeating: 0, count: 100)
      let draws = 200_000
      for _ in 0..<draws { counts[zipf.next(using: &generator)] += 1 }
      var sum = 0.0
      for rank in 1...100 { sum += 1 / pow(Double(rank), skew) }
      for rank in [1, 2, 10, 100] {
        let expected = Double(draws) / pow(Double(rank), skew) / sum
        #expect(abs(Double(counts[rank - 1]) - expected) < 6 * expected.squareRoot() + 1, "skew \(skew), rank \(rank)")
      }
    }
  }
}
