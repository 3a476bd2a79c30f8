import Foundation
import School
import Testing

/// What is kept of a school, to verify it again.
@Suite struct SchoolRecordTests {
  private let file = FileManager.default.temporaryDirectory.appending(path: "school-\(UUID().uuidString).json").path
  private let record = SchoolRecord(
    log: SchoolLog(deck: 77, about: "Seed 1, “quoted\" \\ and\nbroken."),
    events: (0..<3).map { _ in UUID().uuidString.lowercased() })

  @Test func whatIsKeptIsReadAgain() throws {
    defer { try? FileManager.default.removeItem(atPath: file) }
    #expect(try SchoolRecord.read(file, of: record.log) == nil)
    try record.write(to: file)
    #expect(try SchoolRecord.read(file, of: record.log) == record)
    for other in [SchoolLog(deck: 78, about: record.log.about), SchoolLog(deck: 77, about: "Seed 2")] {
      let failure = #expect(throws: SchoolRecord.Failure.self) { try SchoolRecord.read(file, of: other) }
      #expect(failure?.description == "\(file) is the record of another school: delete it.")
    }
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"about":"a","log":1}"#, #"{"about":1,"log":1,"events":[]}"#,
    #"{"about":"a","log":"1","events":[]}"#,
    #"{"about":"a","log":99999999999999999999,"events":[]}"#, #"{"about":"a","log":1,"events":[1]}"#,
    #"{"about":"a","log":1,"events":["') OR 1 --"]}"#, #"{"about":"a","log":1,"events":{}}"#,
  ])
  func whatIsNoneIsSaidToBe(text: String) throws {
    defer { try? FileManager.default.removeItem(atPath: file) }
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    let failure = #expect(throws: SchoolRecord.Failure.self) { try SchoolRecord.read(file, of: record.log) }
    #expect(failure?.description == "\(file) is no record of a school: delete it.")
  }

  @Test func whereNothingCanBeKeptItSaysSo() {
    let failure = #expect(throws: SchoolRecord.Failure.self) { try record.write(to: "/nowhere/school.json") }
    #expect(failure?.description.hasPrefix("/nowhere/school.json cannot be written: ") == true)
  }
}
