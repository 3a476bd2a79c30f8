import ServiceStore
import Testing

@Suite struct ErasureMessageTests {
  @Test func erasuresAreToldFromOtherEvents() {
    func person(_ text: String) -> Int64? { ErasureMessage(Array(text.utf8))?.person }
    #expect(person(#"{"event_type":"user_erased","payload":{"user_id":12,"erased_at":"2026-11-01T00:00:00Z"}}"#) == 12)
    for other in [
      #"{"event_type":"user_deleted","payload":{"user_id":12}}"#, #"{"event_type":"user_erased","payload":{}}"#,
      #"{"event_type":"user_erased","payload":{"user_id":"12"}}"#,
      #"{"event_type":"user_erased","payload":{"user_id":0}}"#,
      #"{"event_type":"user_erased","payload":{"user_id":-1}}"#, "", "null", "[", "\u{0}",
      #"{"event_type":"user_erased","payload":{"user_id":1e3}}"#,
    ] { #expect(person(other) == nil, "\(other)") }
  }
}
