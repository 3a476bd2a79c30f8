import EventSchema
import Testing

@Suite struct EncoderTests {
  private let id = EventID(high: 0x5e28_24ed_2ded_5086, low: 0xbe89_cd34_874d_1af7)

  private func event(_ payload: EventPayload) -> Event {
    Event(id: id, occurredAtMs: 1_325_116_800_000, producer: "teaching-service", payload: payload)
  }

  private func key(_ payload: EventPayload) -> String {
    var encoder = EventEncoder()
    encoder.encode(event(payload))
    return String(decoding: encoder.key, as: UTF8.self)
  }

  private func wire(_ event: Event) -> String { String(decoding: event.wire, as: UTF8.self) }

  @Test func wireFormIsTheOriginals() {
    let text = wire(event(.courseCreated(courseID: 5, authorID: 1, createdAtMs: 1_325_116_800_000, title: nil)))
    #expect(
      text == """
        {"event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","event_type":"course_created","event_version":1,\
        "occured_at":"2011-12-29T00:00:00.000Z","producer":"teaching-service",\
        "payload":{"course_id":5,"author_id":1,"created_at":"2011-12-29T00:00:00.000Z"}}
        """)
  }

  @Test func absentOptionalsAreLeftOut() {
    #expect(
      wire(event(.courseEnrolled(enrollmentID: nil, courseID: 5, userID: 1, enrolledAtMs: 1_325_116_800_123)))
        .hasSuffix(#""payload":{"course_id":5,"user_id":1,"enrolled_at":"2011-12-29T00:00:00.123Z"}}"#))
    #expect(
      wire(
        event(
          .cardAnswered(
            sessionID: 1, userID: 2, deckID: 3, cardID: 4, correct: false, answerTimeMs: 5, rating: nil,
            answeredAtMs: 1_325_116_800_000, schedule: .none))
      )
      .hasSuffix(#""correct":false,"answer_time_ms":5,"answered_at":"2011-12-29T00:00:00.000Z"}}"#))
    #expect(
      wire(event(.userLoggedIn(userID: 1, loggedInAtMs: 1_325_116_800_000, timezone: nil)))
        .hasSuffix(#""payload":{"user_id":1,"logged_in_at":"2011-12-29T00:00:00.000Z"}}"#))
  }

  @Test func optionalsThatAreKnownAreWritten() {
    let schedule = AnswerSchedule(
      sincePreviousSec: 0, scheduledDays: 3, stability: 3.25, retrievability: 0.9, dueAtMs: 1_325_376_000_000)
    #expect(
      wire(
        event(
          .cardAnswered(
            sessionID: 1, userID: 2, deckID: 3, cardID: 4, correct: true, answerTimeMs: 5, rating: 3,
            answeredAtMs: 1_325_116_800_000, schedule: schedule))
      )
      .hasSuffix(
        #""rating":3,"answered_at":"2011-12-29T00:00:00.000Z","since_previous_sec":0,"scheduled_days":3,"#
          + #""stability":3.25,"retrievability":0.9,"due_at":"2012-01-01T00:00:00.000Z"}}"#))
    #expect(
      wire(event(.deckUpdated(deckID: 1, authorID: 2, changedAtMs: 1_325_116_800_000, title: "Ж \"x\"")))
        .hasSuffix(#""changed_at":"2011-12-29T00:00:00.000Z","title":"Ж \"x\""}}"#))
    #expect(
      wire(event(.userLoggedIn(userID: 1, loggedInAtMs: 1_325_116_800_000, timezone: "Europe/Berlin")))
        .hasSuffix(#""logged_in_at":"2011-12-29T00:00:00.000Z","timezone":"Europe/Berlin"}}"#))
  }

  @Test func longTextsFit() {
    let title = String(repeating: "\u{1}", count: 100_000)
    for payload: EventPayload in [
      .courseCreated(courseID: 1, authorID: 2, createdAtMs: 0, title: title),
      .courseUpdated(courseID: 1, authorID: 2, changedAtMs: 0, title: title),
      .deckCreated(deckID: 1, authorID: 2, createdAtMs: 0, title: title),
      .deckUpdated(deckID: 1, authorID: 2, changedAtMs: 0, title: title),
      .deckDeleted(deckID: 1, authorID: 2, changedAtMs: 0, title: title),
      .userLoggedIn(userID: 1, loggedInAtMs: 0, timezone: title),
    ] {
      #expect(event(payload).wire.count > 600_000)
    }
  }

  @Test func keysFollowTheirRules() {
    #expect(key(.userDeleted(userID: 42, deletedAtMs: 0)) == "42")
    #expect(key(.courseCreated(courseID: 5, authorID: 1, createdAtMs: 0, title: nil)) == "5")
    #expect(key(.courseDeckAdded(courseID: 5, deckID: 1, orderIndex: 2, changedAtMs: 0)) == "5")
    #expect(key(.userErased(userID: 42, erasedAtMs: 0)) == "42")
    #expect(key(.courseEnrolled(enrollmentID: 9, courseID: 5, userID: 1, enrolledAtMs: 0)) == "9")
    #expect(key(.courseEnrolled(enrollmentID: 0, courseID: 5, userID: 1, enrolledAtMs: 0)) == "0")
    #expect(key(.courseEnrolled(enrollmentID: nil, courseID: 5, userID: 1, enrolledAtMs: 0)) == "5")
    #expect(key(.courseCompleted(enrollmentID: 9, courseID: 5, userID: 1, completedAtMs: 0)) == "9")
    #expect(key(.deckDeleted(deckID: 7, authorID: 1, changedAtMs: 0, title: nil)) == "deck:7")
    #expect(key(.cardCreated(cardID: 7, deckID: 3, createdAtMs: 0)) == "card:7")
    #expect(
      key(.learningSessionStarted(sessionID: 1, userID: .max, deckID: 3, startedAtMs: 0)) == "18446744073709551615")
  }

  @Test func stringsAreEscapedAndNothingElse() {
    var sample = event(.userDeleted(userID: 1, deletedAtMs: 1_325_116_800_000))
    sample.producer = "a\"b\\c\u{1}\n\u{7F}é😀/"
    #expect(wire(sample).contains("\"producer\":\"a\\\"b\\\\c\\u0001\\u000a\u{7F}é😀/\""))
    #expect(decode(sample.wire)[.producer] == .text(sample.producer))
  }

  @Test func numbersReadBackExactly() {
    var random = Seeded(3)
    let values: [Double] =
      [0, 0.5, 0.1, 50, 100, 33.333333333333336, 66.67, 1e-7, Double.leastNonzeroMagnitude, 0.30000000000000004]
      + (0..<2000).map { _ in Double.random(in: 0...100, using: &random) }
    for value in values {
      let sample = event(
        .courseProgressUpdated(
          courseID: 1, userID: 2, deckID: 3, progressPercent: value, updatedAtMs: 1_325_116_800_000))
      #expect(decode(sample.wire)[.progressPercent] == .bits(value.bitPattern), "\(wire(sample))")
    }
  }

  @Test func aNumberThatIsNotFiniteIsNoNumber() {
    let sample = event(
      .courseProgressUpdated(courseID: 1, userID: 2, deckID: 3, progressPercent: .nan, updatedAtMs: 1_325_116_800_000))
    #expect(decode(sample.wire).verdict == .invalid(.wrongType))
  }

  @Test func timesOfAllYearsReadBack() {
    var random = Seeded(4)
    for _ in 0..<5000 {
      let time = Int64.random(in: EventDecoder.earliestTimeMs...EventDecoder.latestTimeMs, using: &random)
      var sample = event(.userDeleted(userID: 1, deletedAtMs: time))
      sample.occurredAtMs = time
      let decoded = decode(sample.wire)
      #expect(decoded[.occurredAt] == .bits(UInt64(time)), "\(wire(sample))")
      #expect(decoded[.eventTime] == .bits(UInt64(time)))
    }
    #expect(wire(event(.userDeleted(userID: 1, deletedAtMs: .min))).contains("0000-01-01T00:00:00.000Z"))
    #expect(wire(event(.userDeleted(userID: 1, deletedAtMs: .max))).contains("9999-12-31T23:59:59.999Z"))
    #expect(wire(event(.userDeleted(userID: 1, deletedAtMs: -1))).contains("1969-12-31T23:59:59.999Z"))
  }

  @Test func eventIDsPrintCanonically() {
    #expect(id.description == "5e2824ed-2ded-5086-be89-cd34874d1af7")
    #expect(EventID(high: 0, low: 1).description == "00000000-0000-0000-0000-000000000001")
    let random = EventID.random().description
    #expect(random.dropFirst(14).first == "4")
    #expect("89ab".contains(random.dropFirst(19).first ?? "?"))
  }
}
