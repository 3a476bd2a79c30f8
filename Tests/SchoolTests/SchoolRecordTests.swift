import Foundation
import School
import Testing

/// What is kept of a school, to verify it again.
@Suite struct SchoolRecordTests {
  private let file = FileManager.default.temporaryDirectory.appending(path: "school-\(UUID().uuidString).json").path

  private func record() -> SchoolRecord {
    var expected = ExpectedEvents()
    let answered = EventKey("card_answered", person: 2, session: 3, deck: 4, card: 5)
    expected.add(answered)
    expected.add(answered)
    expected.add(EventKey("user_logged_in", person: 2))
    expected.doubt(EventKey("user_logged_in", person: 2))
    // Of which there may be one, or none.
    expected.doubt(EventKey("learning_session_finished", person: 2, session: 3, deck: 4))
    expected.note(EventKey("test_completed", person: .max, deck: 4, result: 9))
    return SchoolRecord(
      about: "Seed 1, “quoted\" \\ and\nbroken.", log: 77, times: -5..<9_000_000_000_000, expected: expected)
  }

  @Test func whatIsKeptIsReadAgain() throws {
    defer { try? FileManager.default.removeItem(atPath: file) }
    #expect(try SchoolRecord(contentsOf: file) == nil)
    try record().write(to: file)
    #expect(try SchoolRecord(contentsOf: file) == record())
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"about":"a","log":1,"times":[1,2]}"#, #"{"about":"a","log":1,"times":[2,1],"events":[]}"#,
    #"{"about":"a","log":1,"times":[1,2,3],"events":[]}"#, #"{"about":1,"log":1,"times":[1,2],"events":[]}"#,
    #"{"about":"a","log":1,"times":[1,2],"events":[["t",1,2,3,4,5,6]]}"#,
    #"{"about":"a","log":1,"times":[1,2],"events":[["t",1,2,3,4,5,6,-7]]}"#,
    #"{"about":"a","log":1,"times":[1,2],"events":[["t",1,2,3,4,5,6,7,8]]}"#,
    #"{"about":"a","log":1,"times":[1,2],"events":[[1,1,2,3,4,5,6,7]]}"#,
    #"{"about":"a","log":1,"times":[1,2],"events":[["t",1,2,3,4,5,6,99999999999999999999]]}"#,
  ])
  func whatIsNoneIsSaidToBe(text: String) throws {
    defer { try? FileManager.default.removeItem(atPath: file) }
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    let failure = #expect(throws: SchoolRecord.Failure.self) { try SchoolRecord(contentsOf: file) }
    #expect(failure?.description == "\(file) is no record of a school: delete it.")
  }

  @Test func aSchoolThatIsThereIsKnownByItsRecordOnly() throws {
    defer { try? FileManager.default.removeItem(atPath: file) }
    func found(_ log: Int64, _ about: String = record().about) throws -> SchoolRecord? {
      try SchoolSeeder.Outcome.wasThere(log: log, about: about).record(in: file)
    }
    #expect(try found(77) == nil)
    #expect(try SchoolSeeder.Outcome.made(record()).record(in: nil) == record())
    #expect(try SchoolSeeder.Outcome.made(record()).record(in: file) == record())
    #expect(try found(77) == record())
    for other in [(78, record().about), (77, "Seed 2")] as [(Int64, String)] {
      let failure = #expect(throws: SchoolRecord.Failure.self) { try found(other.0, other.1) }
      #expect(failure?.description == "\(file) is the record of another school: delete it.")
    }
  }

  @Test func whereNothingCanBeKeptItSaysSo() {
    let failure = #expect(throws: SchoolRecord.Failure.self) { try record().write(to: "/nowhere/school.json") }
    #expect(failure?.description.hasPrefix("/nowhere/school.json cannot be written: ") == true)
  }
}
