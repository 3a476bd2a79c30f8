import EventSchema
import Testing

/// A valid event as text, to be spoilt in one place.
private let valid = """
  {"event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","event_type":"card_answered","event_version":1,\
  "occured_at":"2024-02-29T10:00:00Z","producer":"decks-service","payload":{"session_id":1,"user_id":2,"deck_id":3,\
  "card_id":4,"correct":true,"answer_time_ms":5,"rating":3,"answered_at":"2024-02-29T10:00:00Z"}}
  """

@Suite struct ReasonTests {
  private func replaced(_ old: String, _ new: String, in text: String = valid) -> Decoded {
    precondition(text.contains(old))
    return decode(text.replacing(old, with: new))
  }

  private func expect(
    _ decoded: Decoded, _ reason: Reason, _ detail: String? = nil, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(decoded.verdict == .invalid(reason), sourceLocation: location)
    if let detail { #expect(decoded.detail == detail, sourceLocation: location) }
    #expect(decoded.row == nil, sourceLocation: location)
  }

  @Test func theTextToSpoilIsValid() {
    #expect(decode(valid).verdict == .event(.cardAnswered))
    #expect(decode(valid).detail == "")
  }

  @Test func codesAreStable() {
    #expect(
      Reason.allCases.map(\.rawValue) == [
        "too_large", "malformed_json", "invalid_utf8", "lone_surrogate", "too_deep", "non_finite_number",
        "not_an_object", "missing_field", "wrong_type", "out_of_range", "bad_uuid", "unknown_type", "unknown_version",
        "bad_time", "time_too_early", "time_in_future", "bad_email", "text_too_long", "bad_time_zone",
      ])
  }

  @Test func tooLarge() {
    let room = 1_048_576 - valid.utf8.count
    let blanks = String(repeating: " ", count: room)
    #expect(decode(valid + blanks).verdict == .event(.cardAnswered))
    expect(decode(valid + blanks + " "), .tooLarge, "")
    expect(decode([UInt8](repeating: 0, count: 3 << 20)), .tooLarge)
  }

  @Test(arguments: [
    ("", "byte 0"), (" ", "byte 1"), ("{", nil), ("}", "byte 0"), ("{}}", "byte 2"), ("{} {}", "byte 3"), ("{}x", nil),
    (#"{"a":1,}"#, "byte 7"), (#"{"a" 1}"#, "byte 5"), (#"{a:1}"#, "byte 1"), (#"{'a':1}"#, "byte 1"),
    (#"{"a":01}"#, "byte 6"), (#"{"a":1.}"#, nil), (#"{"a":.5}"#, "byte 5"), (#"{"a":+1}"#, "byte 5"),
    (#"{"a":1e}"#, nil), (#"{"a":- 1}"#, nil), (#"{"a":tru}"#, "byte 5"), (#"{"a":True}"#, "byte 5"),
    (#"{"a":nan}"#, "byte 5"), (#"{"a":"\x"}"#, "byte 6"), (#"{"a":"\u12g4"}"#, "byte 6"), ("{\"a\":\"\t\"}", "byte 6"),
    ("{\"a\":\"\u{0}\"}", "byte 6"), (#"{"a":"}"#, nil), (#"{"a":[1,2}"#, nil), (#"{"a":[1 2]}"#, nil),
    ("\u{FEFF}{}", "byte 0"), (#"{/**/"a":1}"#, "byte 1"), (#"{"a":0x10}"#, nil), ("nul", "byte 0"),
    ("{\u{A0}}", "byte 1"),
    ("[1,]", nil), ("\u{C}{}", "byte 0"), (#"{"payload":{"a":1,}}"#, nil), (#"{"payload":{} "a":1}"#, nil),
  ])
  func malformed(text: String, detail: String?) {
    expect(decode(text), .malformedJSON, detail)
  }

  @Test func malformedInsideKnownValues() {
    expect(replaced(#""user_id":2"#, #""user_id":02"#), .malformedJSON)
    expect(replaced(#""user_id":2"#, #""user_id":2."#), .malformedJSON)
    expect(replaced(#""user_id":2"#, #""user_id":2x"#), .malformedJSON)
    expect(replaced(#""user_id":2"#, #""user_id":"#), .malformedJSON)
    expect(replaced("true", "truex"), .malformedJSON)
    expect(replaced("true", "tru"), .malformedJSON)
    expect(replaced("2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z\n"), .malformedJSON)
    expect(decode(valid + "}"), .malformedJSON)
    expect(decode(valid + ","), .malformedJSON)
    expect(decode(String(valid.dropLast())), .malformedJSON)
    expect(decode("\u{FEFF}" + valid), .malformedJSON, "byte 0")
  }

  @Test func invalidUTF8() {
    func spoilt(_ bytes: [UInt8]) -> Decoded { decode(Array(#"{"a":"x"#.utf8) + bytes + Array(#""}"#.utf8)) }
    for bytes: [UInt8] in [
      [0xFF], [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0xAF],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
    ] {
      expect(spoilt(bytes), .invalidUTF8, "byte 7")
    }
    // Outside strings it is the grammar that breaks.
    expect(decode([0xFF]), .malformedJSON)
    let known = Array(valid.replacing("decks", with: "d\u{1}").utf8).map { $0 == 1 ? 0xFE : $0 }
    expect(decode(known), .invalidUTF8)
  }

  @Test func loneSurrogate() {
    for text in [
      #"\ud800"#, #"\udc00"#, #"\ud800x"#, #"\ud800\n"#, #"\ud800\u0041"#, #"\ud800\ud800"#, #"\uDFFF\uD800"#,
    ] {
      expect(decode("{\"a\":\"\(text)\"}"), .loneSurrogate, "byte 6")
      expect(replaced("decks-service", text), .loneSurrogate)
    }
    #expect(replaced("decks-service", #"\ud83d\ude00"#)[.producer] == .text("😀"))
  }

  @Test func tooDeep() {
    func nested(_ depth: Int) -> String {
      valid.dropLast() + ",\"x\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }
    #expect(decode(nested(63)).verdict == .event(.cardAnswered))
    expect(decode(nested(64)), .tooDeep)
    func nestedInPayload(_ depth: Int) -> String {
      let value = String(repeating: #"{"x":"#, count: depth) + "1" + String(repeating: "}", count: depth)
      return valid.dropLast(2) + ",\"x\":" + value + "}}"
    }
    #expect(decode(nestedInPayload(62)).verdict == .event(.cardAnswered))
    expect(decode(nestedInPayload(63)), .tooDeep)
    expect(decode(String(repeating: "[", count: 1 << 20)), .tooDeep, "byte 64")
    expect(decode(String(repeating: #"{"a":"#, count: 200_000)), .tooDeep)
  }

  @Test func nonFiniteNumber() {
    for text in ["NaN", "Infinity", "-Infinity"] {
      expect(replaced(#""rating":3"#, #""rating":\#(text)"#), .nonFiniteNumber)
      expect(decode(#"{"x":[\#(text)]}"#), .nonFiniteNumber, "byte 6")
      expect(decode(text), .nonFiniteNumber, "byte 0")
    }
  }

  @Test(arguments: ["[]", "1", "\"x\"", "null", " true ", "[{}]", "[\n]", "\"}\"", "-0.5e-3", "\"{}" + "\""])
  func notAnObject(text: String) {
    expect(decode(text), .notAnObject, "")
  }

  @Test(arguments: Catalogue.v1.envelope.map(\.name))
  func missingEnvelopeField(name: String) {
    // Renamed, it is an unknown key.
    let decoded = replaced("\"\(name)\":", "\"_\(name)\":")
    if name == "event_version" {
      #expect(decoded.verdict == .event(.cardAnswered))
      #expect(decoded[.eventVersion] == .bits(1))
    } else {
      expect(decoded, .missingField, name)
    }
  }

  @Test(arguments: EventType.allCases)
  func everyPayloadFieldIsLookedAt(type: EventType) {
    var samples = SampleEvents(seed: 9)
    for field in Catalogue.v1[type].payload {
      // Any event that has the field.
      var text = ""
      repeat {
        text = String(decoding: samples.event(type).wire, as: UTF8.self)
      } while !text.contains("\"\(field.name)\":")
      let name = "payload.\(field.name)"
      let missing = decode(text.replacing("\"\(field.name)\":", with: "\"-\":"))
      let wrong = decode(text.replacing("\"\(field.name)\":", with: "\"\(field.name)\":[],\"-\":"))
      let null = decode(text.replacing("\"\(field.name)\":", with: "\"\(field.name)\":null,\"-\":"))
      expect(wrong, .wrongType, name)
      if field.isRequired {
        expect(missing, .missingField, name)
        expect(null, .wrongType, name)
      } else {
        #expect(missing.verdict == .event(type))
        #expect(null == missing)
        #expect(field.column.flatMap { null[$0] } == field.column.map(Cell.zero))
      }
    }
  }

  @Test func wrongType() {
    expect(replaced(#""user_id":2"#, #""user_id":"2""#), .wrongType, "payload.user_id")
    expect(replaced(#""user_id":2"#, #""user_id":2.5"#), .wrongType, "payload.user_id")
    expect(replaced(#""user_id":2"#, #""user_id":true"#), .wrongType, "payload.user_id")
    expect(replaced("true", "1"), .wrongType, "payload.correct")
    expect(replaced("true", "\"true\""), .wrongType, "payload.correct")
    expect(replaced(#""decks-service""#, "7"), .wrongType, "producer")
    expect(replaced(#""decks-service""#, "null"), .wrongType, "producer")
    expect(replaced(#""card_answered""#, "1"), .wrongType, "event_type")
    expect(replaced(#""event_version":1"#, #""event_version":"1""#), .wrongType, "event_version")
    expect(replaced(#""event_version":1"#, #""event_version":1.5"#), .wrongType, "event_version")
    expect(replaced(#""5e2824ed-2ded-5086-be89-cd34874d1af7""#, "5"), .wrongType, "event_id")
    expect(decode(valid.replacing(/"payload":.*/, with: #""payload":[]}"#)), .wrongType, "payload")
    expect(decode(valid.replacing(/"payload":.*/, with: #""payload":null}"#)), .wrongType, "payload")
    expect(replaced(#""occured_at":"2024-02-29T10:00:00Z""#, #""occured_at":1709200800"#), .wrongType, "occured_at")
  }

  @Test func outOfRange() {
    for value in ["-1", "18446744073709551616", "99999999999999999999999", "1e20", "-1.0", "-1e3"] {
      expect(replaced(#""user_id":2"#, #""user_id":\#(value)"#), .outOfRange, "payload.user_id")
    }
    for value in ["-1", "4294967296", "4294967295.0e1"] {
      expect(replaced(#""answer_time_ms":5"#, #""answer_time_ms":\#(value)"#), .outOfRange, "payload.answer_time_ms")
    }
    for value in ["0", "5", "256", "257", "-3", "3e1"] {
      expect(replaced(#""rating":3"#, #""rating":\#(value)"#), .outOfRange, "payload.rating")
    }
    let progress = String(
      decoding: Event(
        id: .random(), occurredAtMs: 1_700_000_000_000, producer: "p",
        payload: .courseProgressUpdated(
          courseID: 1, userID: 2, deckID: 3, progressPercent: 7, updatedAtMs: 1_700_000_000_000)
      ).wire, as: UTF8.self)
    for value in ["-0.001", "100.00000000000001", "101", "1e999", "-1e999", "-1"] {
      expect(replaced("7.0", value, in: progress), .outOfRange, "payload.progress_percent")
    }
  }

  @Test(arguments: [
    "", "5e2824ed", "5e2824ed2ded5086be89cd34874d1af7", "{5e2824ed-2ded-5086-be89-cd34874d1af7}",
    "5e2824ed-2ded-5086-be89-cd34874d1afg", "5e2824ed-2ded-5086-be89-cd34874d1af70",
    "5e2824ed-2ded-5086-be89cd-34874d1af7", "urn:uuid:5e2824ed-2ded-5086-be89-cd34874d1af7",
    "5e2824ed-2ded-5086-be89-cd34874d1af ", "5e2824ed-2ded-5086-be89-cd34874d1\u{E9}f",
    "@e2824ed-2ded-5086-be89-cd34874d1af7",
    "5e2824ed-2ded-5086-be89-cd34874d1a`7", "5e2824ed-2ded-5086-be89-cd34874:1af7",
    "5e2824ed-2ded-5086-be8/-cd34874d1af7",
  ])
  func badUUID(text: String) {
    expect(replaced("5e2824ed-2ded-5086-be89-cd34874d1af7", text), .badUUID, "event_id")
  }

  @Test func unknownTypeAndVersion() {
    for name in ["", "card_answere", "card_answered_", "Card_answered", "деck", String(repeating: "x", count: 5000)] {
      expect(replaced("card_answered", name), .unknownType, "event_type")
    }
    for version in ["0", "2", "-1", "1e3", "65537", "18446744073709551617", "4294967297"] {
      expect(replaced(#""event_version":1"#, #""event_version":\#(version)"#), .unknownVersion, "event_version")
    }
  }

  @Test func badTime() {
    for text in [
      "", "2024", "2024-02-29", "2024-02-29T10:00", "2024-02-29T10:00:00.", "2024-02-29T10:00:00.1234567890Z",
      "2024-02-29T10:00:00+1", "2024-02-29T10:00:00+0100", "2024-02-29T10:00:00+24:00", "2024-02-29T10:00:00+01:60",
      "2024-02-29T24:00:00Z", "2024-02-29T10:60:00Z", "2024-02-29T10:00:61Z", "2023-02-29T10:00:00Z",
      "2024-13-01T10:00:00Z", "2024-00-01T10:00:00Z", "2024-04-31T10:00:00Z", "2024-02-00T10:00:00Z",
      "2100-02-29T10:00:00Z", "24-02-29T10:00:00Z", "2024/02/29T10:00:00Z", "2024-02-29_10:00:00Z",
      "2024-02-29T10:00:00ZZ", "2024-02-29T10:00:00Z ", " 2024-02-29T10:00:00Z", "+2024-02-29T10:00:00Z",
      "2024-02-29T10:00:00,5Z", "2024-02-29T10:00:60Z", "2024-02-28T23:59:60Z", "2024-02-29t10:00:00 +00:00",
      "2024-02-29T1a:00:00Z", "2024-02-2/T10:00:00Z", "2024-02-29T10:00:0:Z", "2024-02-29T10.00:00Z",
      "1709200800", "２０２４-02-29T10:00:00Z",
    ] {
      expect(replaced(#""occured_at":"2024-02-29T10:00:00Z""#, #""occured_at":"\#(text)""#), .badTime, "occured_at")
      expect(
        replaced(#""answered_at":"2024-02-29T10:00:00Z""#, #""answered_at":"\#(text)""#), .badTime,
        "payload.answered_at")
    }
  }

  @Test func timeTooEarly() {
    for text in [
      "1999-12-31T23:59:59.999Z", "0000-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2000-01-01T00:59:59+01:00",
      "1999-12-31T23:59:59.999999999Z",
    ] {
      expect(
        replaced(#""answered_at":"2024-02-29T10:00:00Z""#, #""answered_at":"\#(text)""#), .timeTooEarly,
        "payload.answered_at")
    }
    #expect(replaced("2024-02-29T10:00:00Z", "2000-01-01T00:00:00Z")[.occurredAt] == .bits(946_684_800_000))
    #expect(replaced("2024-02-29T10:00:00Z", "1999-12-31T23:00:00-01:00")[.eventTime] == .bits(946_684_800_000))
  }

  @Test func timeInFuture() {
    let day: Int64 = 86_400_000
    let time: Int64 = 1_709_200_800_000
    func at(_ kafkaTimestampMs: Int64) -> Decoded { decode(valid, kafkaTimestampMs: kafkaTimestampMs) }
    #expect(at(time - day).verdict == .event(.cardAnswered))
    expect(at(time - day - 1), .timeInFuture, "occured_at")
    expect(at(0), .timeInFuture, "occured_at")
    #expect(at(-1).verdict == .event(.cardAnswered))
    #expect(at(.max).verdict == .event(.cardAnswered))
    #expect(at(.min).verdict == .event(.cardAnswered))
    let late = valid.replacing(#""answered_at":"2024"#, with: #""answered_at":"2025"#).replacing(
      "2025-02-29", with: "2025-02-28")
    expect(decode(late, kafkaTimestampMs: time), .timeInFuture, "payload.answered_at")
  }

  /// ClickHouse's DateTime begins anew in 2106: a later time is wrong whatever the message's own.
  @Test func timePast2105() {
    func at(_ text: String, _ kafkaTimestampMs: Int64) -> Decoded {
      decode(
        valid.replacing(#""answered_at":"2024-02-29T10:00:00Z""#, with: #""answered_at":"\#(text)""#),
        kafkaTimestampMs: kafkaTimestampMs)
    }
    for last in ["2105-12-31T23:59:59.999Z", "2105-12-31T23:59:59.999999999Z", "2106-01-01T00:59:59.999+01:00"] {
      #expect(at(last, -1)[.eventTime] == .bits(4_291_747_199_999))
      #expect(at(last, .max)[.eventTime] == .bits(4_291_747_199_999))
      expect(at(last, 1_709_200_800_000), .timeInFuture, "payload.answered_at")
    }
    for late in [
      "2106-01-01T00:00:00Z", "2106-01-01T00:00:00.000Z", "2105-12-31T23:00:00-01:00", "2106-02-07T06:28:16Z",
      "2149-06-07T00:00:00Z", "2299-12-31T23:59:59.999Z", "2300-01-01T00:00:00Z", "9999-12-31T00:00:00Z",
    ] {
      for timestamp in [Int64(-1), 1_709_200_800_000, .max] {
        expect(at(late, timestamp), .outOfRange, "payload.answered_at")
      }
    }
  }

  @Test func badEmail() {
    let text = String(
      decoding: Event(
        id: .random(), occurredAtMs: 1_700_000_000_000, producer: "p",
        payload: .userRegistered(userID: 1, email: "EMAIL", registeredAtMs: 1_700_000_000_000)
      ).wire, as: UTF8.self)
    for email in ["", "ann", "ann.example.com", "\\n"] {
      expect(replaced("EMAIL", email, in: text), .badEmail, "payload.email")
    }
    #expect(replaced("EMAIL", #"a\u0040B.org"#, in: text)[.emailDomain] == .text("b.org"))
  }

  @Test func textTooLong() {
    func titled(_ title: String) -> Decoded {
      decode(
        Event(
          id: .random(), occurredAtMs: 1_700_000_000_000, producer: "p",
          payload: .deckUpdated(deckID: 1, authorID: 2, changedAtMs: 1_700_000_000_000, title: title)
        ).wire)
    }
    for letter in ["x", "ж", "漢", "😀", "\u{301}", "\"", "\n"] {
      let longest = String(String.UnicodeScalarView((0..<200).map { _ in letter.unicodeScalars.first! }))
      #expect(titled(longest)[.title] == .text(longest))
      expect(titled(longest + letter), .textTooLong, "payload.title")
    }
    let escaped = String(repeating: #"\ud83d\ude00"#, count: 200)
    let text = String(
      decoding: Event(
        id: .random(), occurredAtMs: 1_700_000_000_000, producer: "p",
        payload: .courseUpdated(courseID: 1, authorID: 2, changedAtMs: 1_700_000_000_000, title: "TITLE")
      ).wire, as: UTF8.self)
    #expect(replaced("TITLE", escaped, in: text)[.title] == .text(String(repeating: "😀", count: 200)))
    expect(replaced("TITLE", escaped + "x", in: text), .textTooLong, "payload.title")
    expect(replaced("TITLE", String(repeating: "x", count: 1_000_000), in: text), .textTooLong, "payload.title")
  }

  @Test func badTimeZone() {
    func zone(_ name: String) -> Decoded {
      decode(
        Event(
          id: .random(), occurredAtMs: 1_700_000_000_000, producer: "p",
          payload: .userLoggedIn(userID: 1, loggedInAtMs: 1_700_000_000_000, timezone: name)
        ).wire)
    }
    for name in ["UTC", "Europe/Berlin", "Etc/GMT+5", "EST5EDT", "America/North_Dakota/New_Salem", "GB-Eire", "z"] {
      #expect(zone(name)[.timezone] == .text(name))
    }
    let longest = String(repeating: "z", count: 64)
    #expect(zone(longest)[.timezone] == .text(longest))
    for name in [
      "", longest + "z", "/", "/UTC", "UTC/", "Europe//Berlin", "+05:00", "5", "_UTC", "Europe/Zürich", "Europe Berlin",
      "Europe/Berlin\n", "\u{0}", "UTC\u{0}", "Ευρώπη", "../../etc/passwd", "a.b", "{}", "@", "[", "`a",
    ] {
      expect(zone(name), .badTimeZone, "payload.timezone")
    }
  }

  /// A card may be due in years, and the other times' rule that they are over must not hold for it.
  @Test func dueTimes() {
    func due(_ text: String, _ kafkaTimestampMs: Int64) -> Decoded {
      decode(
        valid.replacing(#""rating":3"#, with: #""rating":3,"due_at":"\#(text)""#), kafkaTimestampMs: kafkaTimestampMs)
    }
    for timestamp in [Int64(-1), 1_709_200_800_000, .max] {
      #expect(due("2024-03-05T10:00:00.5Z", timestamp)[.dueAt] == .bits(1_709_632_800_500))
      #expect(due("2105-12-31T23:59:59.999Z", timestamp)[.dueAt] == .bits(4_291_747_199_999))
      #expect(due("2106-01-01t00:59:59.999+01:00", timestamp)[.dueAt] == .bits(4_291_747_199_999))
      #expect(due("2000-01-01T00:00:00Z", timestamp)[.dueAt] == .bits(946_684_800_000))
      for late in ["2106-01-01T00:00:00Z", "2106-01-01t00:00:00Z", "9999-12-31T00:00:00Z"] {
        expect(due(late, timestamp), .outOfRange, "payload.due_at")
      }
      expect(due("1999-12-31T23:59:59Z", timestamp), .timeTooEarly, "payload.due_at")
      expect(due("1999-12-31t23:59:59Z", timestamp), .timeTooEarly, "payload.due_at")
      expect(due("tomorrow", timestamp), .badTime, "payload.due_at")
    }
  }

  @Test func schedulesHaveBounds() {
    func answer(_ fields: String) -> Decoded { replaced(#""rating":3"#, #""rating":3,"# + fields) }
    for (name, values) in [
      ("since_previous_sec", ["-1", "4294967296"]), ("scheduled_days", ["-1", "4294967296"]),
      ("stability", ["-0.001", "1000000.1", "1e9"]), ("retrievability", ["-0.1", "1.0000000000000002", "2"]),
    ] {
      for value in values { expect(answer("\"\(name)\":\(value)"), .outOfRange, "payload.\(name)") }
      for value in ["0", "1", "0.0", "1.0"] {
        #expect(answer("\"\(name)\":\(value)").verdict == .event(.cardAnswered))
      }
    }
    expect(answer(#""scheduled_days":0.5"#), .wrongType, "payload.scheduled_days")
  }

  @Test func theChosenReasonIsTheFirst() {
    let broken = #"{"event_id":1,"event_type":"x","payload":3,"z":"\ud800","y":"#
    expect(decode(broken), .loneSurrogate)
    expect(decode(#"{"event_id":1,"event_type":"x"}"#), .wrongType, "event_id")
    expect(
      decode(#"{"payload":3,"event_type":"x","event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7"}"#), .unknownType,
      "event_type")
    expect(
      replaced(#""user_id":2,"deck_id":3"#, #""deck_id":"3","user_id":"2""#), .wrongType, "payload.user_id")
    expect(
      decode(valid.replacing(#""event_version":1"#, with: #""event_version":7"#).replacing("true", with: "7")),
      .unknownVersion)
  }
}
