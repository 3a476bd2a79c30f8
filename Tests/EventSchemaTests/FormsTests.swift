import EventSchema
import Testing

/// What is valid though it does not look like our own encoder's work.
@Suite struct FormsTests {
  private func registered(_ time: String, producer: String = "auth-service", extra: String = "") -> Decoded {
    decode(
      """
      {"event_id":"5E2824ED-2ded-5086-BE89-cd34874d1af7","event_type":"user_logged_in"\(extra),\
      "occured_at":"\(time)","producer":"\(producer)","payload":{"user_id":2,"logged_in_at":"\(time)"}}
      """)
  }

  @Test(arguments: [
    ("2026-11-22T10:30:00Z", 1_795_343_400_000), ("2026-11-22T10:30:00", 1_795_343_400_000),
    ("2026-11-22T10:30:00+00:00", 1_795_343_400_000), ("2026-11-22T10:30:00-00:00", 1_795_343_400_000),
    ("2026-11-22T10:30:00.123456Z", 1_795_343_400_123), ("2026-11-22T10:30:00.123456+00:00", 1_795_343_400_123),
    ("2026-11-22T10:30:00.123456", 1_795_343_400_123), ("2026-11-22 10:30:00.123", 1_795_343_400_123),
    ("2026-11-22T10:30:00.1Z", 1_795_343_400_100), ("2026-11-22T10:30:00.12", 1_795_343_400_120),
    ("2026-11-22T10:30:00.999999999Z", 1_795_343_400_999), ("2026-11-22t10:30:00z", 1_795_343_400_000),
    ("2026-11-22T10:30:00.12345678Z", 1_795_343_400_123), ("2026-11-22T10:30:00.1234567+00:00", 1_795_343_400_123),
    ("2026-11-22T13:30:00+03:00", 1_795_343_400_000), ("2026-11-22T05:00:00.5-05:30", 1_795_343_400_500),
    ("2026-11-21T10:31:00-23:59", 1_795_343_400_000), ("2026-11-22T10:30:00.000000001Z", 1_795_343_400_000),
    (#"2026\u002d11-22T10:30:00Z"#, 1_795_343_400_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
    ("2016-12-31T23:59:60.5Z", 1_483_228_800_500), ("2017-01-01T02:59:60+03:00", 1_483_228_800_000),
    ("2024-02-29T23:59:60", 1_709_251_200_000), ("2000-02-29T00:00:00Z", 951_782_400_000),
  ])
  func times(text: String, milliseconds: Int64) {
    let decoded = registered(text)
    #expect(decoded.verdict == .event(.userLoggedIn), "\(decoded.detail)")
    #expect(decoded[.occurredAt] == .bits(UInt64(milliseconds)))
    #expect(decoded[.eventTime] == .bits(UInt64(milliseconds)))
  }

  /// As `model_dump_json()` and `json.dumps(model.model_dump(mode="json"))` write it.
  @Test func pydantic() {
    let decoded = decode(
      #"""
      {"event_id": "3f0e8e0e-6a43-4d3f-9d0a-5d3f0e8e0e6a", "event_type": "card_answered", "event_version": 1, \#
      "occured_at": "2026-11-22T10:30:00.123456+00:00", "producer": "\u0441\u043b\u0443\u0436\u0431\u0430 \ud83d\ude80 \"x\"", \#
      "trace_id": null, "tags": ["a", {"b": [1, 2.5e-3, true, false, null]}], \#
      "payload": {"session_id": 1, "user_id": 18446744073709551615, "deck_id": 3.0, "card_id": 4, "correct": false, \#
      "answer_time_ms": 1.5e3, "rating": null, "answered_at": "2026-11-22T10:30:00.123456", "extra": {"deep": {}}}}
      """#)
    #expect(decoded.verdict == .event(.cardAnswered), "\(decoded.detail)")
    #expect(decoded[.producer] == .text("служба 🚀 \"x\""))
    #expect(decoded[.userID] == .bits(.max))
    #expect(decoded[.deckID] == .bits(3))
    #expect(decoded[.answerTimeMs] == .bits(1500))
    #expect(decoded[.rating] == .bits(0))
    #expect(decoded[.occurredAt] == .bits(1_795_343_400_123))
  }

  @Test func uuidOfAnyCase() {
    #expect(
      registered("2026-11-22T10:30:00Z")[.eventID]
        == .wide(high: 0x5e28_24ed_2ded_5086, low: 0xbe89_cd34_874d_1af7))
  }

  @Test(arguments: [
    ("12", 12), ("12.0", 12), ("12.000", 12), ("1.2e1", 12), ("120e-1", 12), ("1200E-2", 12), ("0.12e+2", 12), ("0", 0),
    ("-0", 0), ("0.0", 0), ("-0.0e5", 0), ("0e99999999999999999999", 0), ("18446744073709551615", UInt64.max),
    ("18446744073709551615.0", UInt64.max), ("1844674407370955161.5e1", UInt64.max),
    ("1e19", 10_000_000_000_000_000_000),
    ("12345678", 12_345_678), ("123456789", 123_456_789), ("1234567890123456", 1_234_567_890_123_456),
    ("12345678901234567", 12_345_678_901_234_567), ("1000000000000000000000e-3", 1_000_000_000_000_000_000),
  ])
  func integers(text: String, value: UInt64) {
    let decoded = decode(
      """
      {"event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","event_type":"user_deleted",\
      "occured_at":"2026-11-22T10:30:00Z","producer":"p","payload":{"deleted_at":"2026-11-22T10:30:00Z","user_id":\(text)}}
      """)
    #expect(decoded[.userID] == .bits(value), "\(decoded)")
  }

  @Test func doublesAreNearest() {
    var random = Seeded(5)
    for round in 0..<20_000 {
      let text: String
      switch round % 4 {
      case 0: text = "\(Double.random(in: 0...100, using: &random))"
      case 1:
        let places = Int.random(in: 1...19, using: &random)
        let digits = String(UInt64.random(in: 0...9_999_999_999_999_999_999, using: &random))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        text =
          String(padded.dropLast(places).suffix(2).drop { $0 == "0" }.isEmpty ? "0" : "9") + "." + padded.suffix(places)
      case 2: text = "\(UInt64.random(in: 0...99, using: &random)).\(random.next())"
      default: text = "\(UInt64.random(in: 1...99, using: &random))e-\(UInt64.random(in: 0...330, using: &random))"
      }
      let decoded = decode(
        """
        {"event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","event_type":"course_progress_updated",\
        "occured_at":"2026-11-22T10:30:00Z","producer":"p",\
        "payload":{"course_id":1,"user_id":1,"deck_id":1,"progress_percent":\(text),"updated_at":"2026-11-22T10:30:00Z"}}
        """)
      let expected = Double(text)
      #expect(decoded[.progressPercent] == expected.map { .bits($0.bitPattern) }, "\(text)")
    }
  }

  @Test func theLastOfADuplicatedKeyWins() {
    let time = "2026-11-22T10:30:00Z"
    #expect(registered(time, extra: #","producer":7"#).verdict == .event(.userLoggedIn))
    #expect(registered(time, extra: #","event_version":9,"event_version":1"#).verdict == .event(.userLoggedIn))
    #expect(registered(time, extra: #","event_version":9,"event_version":null"#)[.eventVersion] == .bits(1))
    let payloads = decode(
      """
      {"event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","event_type":"card_answered","occured_at":"\(time)",\
      "payload":{"rating":4,"user_id":"x"},"producer":"p","payload":{"session_id":1,"user_id":9,"user_id":2,"deck_id":3,\
      "card_id":4,"correct":true,"answer_time_ms":5,"rating":2,"rating":null,"answered_at":"\(time)"}}
      """)
    #expect(payloads.verdict == .event(.cardAnswered), "\(payloads.detail)")
    #expect(payloads[.userID] == .bits(2))
    #expect(payloads[.rating] == .bits(0))
  }

  @Test func keysComeInAnyOrder() {
    let time = "2026-11-22T10:30:00Z"
    let event = #""event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","occured_at":"\#(time)","producer":"p""#
    let payload = #""payload":{"logged_in_at":"\#(time)","user_id":2,"deck_id":"ignored","email":7}"#
    for text in [
      "{\(payload),\(event),\"event_type\":\"user_logged_in\"}",
      "{\"event_type\":\"card_answered\",\(payload),\(event),\"event_type\":\"user_logged_in\"}",
      "{\(payload),\"event_type\":\"nonsense\",\(event),\"event_type\":\"user_logged_in\"}",
      "{\"payload\":3,\(payload),\(event),\"event_type\":\"user_logged_in\"}",
      "{\"event_type\":\"user_logged_in\",\"payload\":{},\(payload),\(event)}",
      #"{"\u0065vent_type":"user_logged_in",\#(payload),\#(event)}"#,
      "{ \"event_type\" : \"user_logged_in\" , \(payload) \r\n,\t\(event) } \n",
    ] {
      let decoded = decode(text)
      #expect(decoded.verdict == .event(.userLoggedIn), "\(text) \(decoded.detail)")
      #expect(decoded[.userID] == .bits(2))
      #expect(decoded[.deckID] == .bits(0))
      #expect(decoded[.emailHash] == .bits(0))
    }
    #expect(
      decode("{\(payload),\"payload\":3,\(event),\"event_type\":\"user_logged_in\"}").verdict == .invalid(.wrongType))
    #expect(
      decode("{\"event_type\":\"user_logged_in\",\(payload),\(event),\"event_type\":5}").verdict == .invalid(.wrongType)
    )
    #expect(
      decode("{\"event_type\":\"user_logged_in\",\(payload),\(event),\"event_type\":\"course_created\"}").detail
        == "payload.course_id")
  }

  @Test func theLastOfADuplicatedStringWins() {
    let time = "2026-11-22T10:30:00Z"
    func loggedIn(_ fields: String) -> Decoded {
      decode(
        """
        {"event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","event_type":"user_logged_in","occured_at":"\(time)",\
        "producer":"p","payload":{"user_id":2,"logged_in_at":"\(time)",\(fields)}}
        """)
    }
    #expect(loggedIn(#""timezone":"Europe/Berlin","timezone":"UTC""#)[.timezone] == .text("UTC"))
    #expect(loggedIn(#""timezone":"Europe/Berlin","timezone":"\u0055TC""#)[.timezone] == .text("UTC"))
    #expect(loggedIn(#""timezone":"Europe/Berlin","timezone":null"#)[.timezone] == .text(""))
    #expect(loggedIn(#""timezone":5,"timezone":"UTC""#)[.timezone] == .text("UTC"))
    #expect(loggedIn(#""timezone":"UTC","timezone":"//""#).verdict == .invalid(.badTimeZone))
    #expect(loggedIn(#""timezone":"UTC","title":"Spanish","email":"a@b""#)[.title] == .text(""))
  }

  /// Zero is a value in a schedule, and what is absent or null is none.
  @Test func whatIsNotKnownIsNoZero() {
    let time = "2026-11-22T10:30:00Z"
    func answered(_ fields: String) -> [Cell?] {
      let decoded = decode(
        """
        {"event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","event_type":"card_answered","occured_at":"\(time)",\
        "producer":"p","payload":{\(fields)"session_id":1,"user_id":2,"deck_id":3,"card_id":4,"correct":true,\
        "answer_time_ms":5,"answered_at":"\(time)"}}
        """)
      return [EventColumn.sincePreviousSec, .scheduledDays, .stability, .retrievability, .dueAt].map { decoded[$0] }
    }
    let zero = Cell.bits(0)
    #expect(answered("") == [.null, .null, .null, .null, .null])
    #expect(answered(#""scheduled_days":0,"#) == [.null, zero, .null, .null, .null])
    #expect(
      answered(#""retrievability":0,"stability":0.0,"since_previous_sec":-0,"#) == [zero, .null, zero, zero, .null])
    #expect(
      answered(#""stability":7.5,"stability":null,"due_at":"2026-11-22T10:40:00Z","#)
        == [.null, .null, .null, .null, .bits(1_795_344_000_000)])
    #expect(answered(#""stability":null,"stability":2,"#)[2] == .bits(2.0.bitPattern))
  }

  @Test func anAddressLeavesHashAndDomainOnly() {
    let settings = EventSettings(emailHashKey: SipHash(k0: 1, k1: 2))
    func registered(_ email: String, _ settings: EventSettings) -> Decoded {
      decode(
        Event(
          id: .random(), occurredAtMs: 1_700_000_000_000, producer: "p",
          payload: .userRegistered(userID: 1, email: email, registeredAtMs: 1_700_000_000_000)
        ).wire, settings: settings)
    }
    let upper = registered("Ann@Example.COM", settings)
    #expect(upper[.email] == .text(""))
    #expect(upper[.emailDomain] == .text("example.com"))
    #expect(upper[.emailHash] == .bits(settings.emailHashKey.hash("ann@example.com")))
    #expect(registered("ann@example.com", settings)[.emailHash] == upper[.emailHash])
    #expect(registered("a@b@c.org", settings)[.emailDomain] == .text("c.org"))
    #expect(registered("a@", settings)[.emailDomain] == .text(""))
    let kept = registered("Ann@Example.COM", EventSettings(keepsEmail: true))
    #expect(kept[.email] == .text("Ann@Example.COM"))
    #expect(kept[.emailHash] != upper[.emailHash])
  }
}
