import DeadLetters
import EventSchema
import Testing

@Suite struct LetterCheckTests {
  private let check = LetterCheck()

  private func event(at time: String) -> [UInt8] {
    Array(
      """
      {"event_id":"01234567-89AB-cdef-0123-456789abcdef","event_type":"user_logged_in","event_version":1,\
      "occured_at":"\(time)","producer":"auth","payload":{"user_id":7,"logged_in_at":"\(time)"}}
      """.utf8)
  }

  @Test func aValidMessageIsNamed() {
    #expect(
      check.verdict(event(at: "2026-01-01T00:00:00.250Z"), timestampMs: 1_767_225_600_000)
        == .valid(
          ValidEvent(
            id: "01234567-89ab-cdef-0123-456789abcdef", type: "user_logged_in", occurredAtMs: 1_767_225_600_250)))
  }

  /// The verdict is of the moment of sending: what was too early then may be in time now.
  @Test func timeGoesOn() {
    let bytes = event(at: "2026-01-03T00:00:00Z")
    let early: Int64 = 1_767_225_600_000
    guard case .invalid(let reason, let detail) = check.verdict(bytes, timestampMs: early) else {
      Issue.record("valid two days ahead")
      return
    }
    #expect(reason == Reason.timeInFuture.rawValue && detail == "occured_at")
    guard case .valid = check.verdict(bytes, timestampMs: early + 86_400_000) else {
      Issue.record("still refused a day later")
      return
    }
    #expect(check.verdict([], timestampMs: 0) == .invalid(reason: "malformed_json", detail: "byte 0"))
  }
}
