import Foundation
import Testing

/// What becomes of messages as other people's producers write them, and of messages that are no events.
@Suite struct CollectorVerdictTests {
  private static let payload = #"{"user_id":7,"logged_in_at":"2026-01-02T03:04:05Z"}"#

  private static func event(
    _ number: Int, type: String = #""user_logged_in""#, version: String = "1", at: String = "2026-01-02T03:04:05Z",
    producer: String = #""auth-service""#, payload: String = payload, extra: String = ""
  ) -> String {
    """
    {"event_id":"\(SampleEvents.id(number))","event_type":\(type),"event_version":\(version),"occured_at":"\(at)",\
    "producer":\(producer),"payload":\(payload)\(extra)}
    """
  }

  @Test(.timeLimit(.minutes(3))) func otherProducersAreUnderstoodAndPoisonIsSetAside() throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    let collector = try bench.startCollector()
    var number = 0
    var valid = 0
    var expected: [String: Int] = [:]
    func good(_ value: String) throws {
      try bench.send(value, key: "7")
      valid += 1
    }
    func bad(_ reason: String, _ value: [UInt8]) throws {
      try bench.send(value, key: "7")
      expected[reason, default: 0] += 1
      number += 1
      try good(Self.event(number))
    }
    func bad(_ reason: String, _ value: String) throws { try bad(reason, Array(value.utf8)) }
    func next() -> Int {
      number += 1
      return number
    }

    // pydantic's ways of writing
    try good(Self.event(next(), at: "2026-01-02T03:04:05.123456+00:00"))
    try good(Self.event(next(), at: "2026-01-02T03:04:05.123456"))
    try good(Self.event(next(), at: "2026-01-02T08:34:05+05:30", extra: #","trace":{"a":[1,2,{"b":null}]},"x":1e400"#))
    try good(Self.event(next(), producer: #""\u0448\u043a\u043e\u043b\u0430 \ud83d\ude00 \"x\"""#))
    try good(Self.event(next(), producer: "\"школа 😀\""))
    try good(Self.event(next(), payload: #"{"logged_in_at":"2026-01-02T03:04:05Z","user_id":7.0,"new_key":[]}"#))

    // Every class of invalid message, valid ones between.
    try bad("malformed_json", "")
    try bad("malformed_json", #"{"event_id":"#)
    try bad("malformed_json", Self.event(next()) + "x")
    try bad("malformed_json", [0xEF, 0xBB, 0xBF] + Array(Self.event(next()).utf8))
    try bad("invalid_utf8", Array(#"{"event_id":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8))
    try bad("lone_surrogate", Self.event(next(), producer: #""\ud83d""#))
    try bad("too_deep", String(repeating: "[", count: 1 << 20))
    try bad("too_deep", String(repeating: #"{"a":"#, count: 65) + "1" + String(repeating: "}", count: 65))
    try bad("too_large", String(repeating: " ", count: 1 << 20) + "{}")
    try bad("non_finite_number", Self.event(next(), payload: #"{"user_id":NaN,"logged_in_at":"2026-01-02T03:04:05Z"}"#))
    try bad("not_an_object", "[1]")
    try bad("missing_field", #"{"event_type":"user_logged_in"}"#)
    try bad("missing_field", Self.event(next(), payload: #"{"user_id":7}"#))
    try bad("wrong_type", Self.event(next(), payload: #"{"user_id":"7","logged_in_at":"2026-01-02T03:04:05Z"}"#))
    try bad("out_of_range", Self.event(next(), payload: #"{"user_id":-1,"logged_in_at":"2026-01-02T03:04:05Z"}"#))
    try bad("unknown_type", Self.event(next(), type: #""user_vanished""#))
    try bad("unknown_version", Self.event(next(), version: "2"))
    try bad("bad_uuid", Self.event(next()).replacing("00000000-0000", with: "0000000000000"))
    try bad("bad_time", Self.event(next(), at: "2026-02-30T00:00:00Z"))
    try bad("time_too_early", Self.event(next(), at: "1999-12-31T23:59:59Z"))
    try bad("time_in_future", Self.event(next(), at: "2099-01-01T00:00:00Z"))
    try bad("out_of_range", Self.event(next(), at: "2106-01-01T00:00:00Z"))
    let registered = #"{"user_id":7,"email":"nobody","registered_at":"2026-01-02T03:04:05Z"}"#
    try bad("bad_email", Self.event(next(), type: #""user_registered""#, payload: registered))
    let zone = #"{"user_id":7,"logged_in_at":"2026-01-02T03:04:05Z","timezone":"+03:00"}"#
    try bad("bad_time_zone", Self.event(next(), payload: zone))
    let deck =
      #"{"deck_id":7,"author_id":7,"changed_at":"2026-01-02T03:04:05Z","title":"\#(String(repeating: "ж", count: 201))"}"#
    try bad("text_too_long", Self.event(next(), type: #""deck_updated""#, payload: deck))
    try bench.flush()

    let dead = expected.values.reduce(0, +)
    #expect(bench.awaitRows(events: valid, deadLetters: dead), "\(collector.errors)")
    #expect(collector.isRunning)
    let reasons = try bench.rows("SELECT reason, count() FROM dead_letters GROUP BY reason ORDER BY reason")
    let found = Dictionary(uniqueKeysWithValues: reasons.map { ($0[0], Int($0[1]) ?? -1) })
    #expect(found == expected)
    #expect(try bench.number("SELECT count() FROM events") == valid)
    #expect(
      try bench.number("SELECT count() FROM dead_letters WHERE length(value) = 1048576 AND reason = 'too_deep'") == 1)
    #expect(
      try bench.rows("SELECT DISTINCT producer FROM events WHERE producer LIKE '%школа%' ORDER BY producer").map {
        $0[0]
      }
        == ["школа 😀", "школа 😀 \"x\""])
    #expect(try bench.number("SELECT uniqExact(toUnixTimestamp(occurred_at)) FROM events") == 1)
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
    #expect(try bench.audit().status == 0)
  }
}
