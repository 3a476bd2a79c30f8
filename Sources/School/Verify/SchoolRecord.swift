import Foundation
import JSON

/// Which events a school must have caused, so that they can be asked for again when it is long there.
///
/// In a file it is JSON; a row of `events` has type, person, session, deck, card and result, how many there are, and how many
/// more there may be.
package struct SchoolRecord: Sendable, Equatable {
  /// What the school's log says of itself.
  package let about: String
  /// The deck that is the log: of every school another.
  package let log: Int64
  /// Of its history, in milliseconds since 1970, without the last.
  package let times: Range<Int64>
  package let expected: ExpectedEvents

  package init(about: String, log: Int64, times: Range<Int64>, expected: ExpectedEvents) {
    self.about = about
    self.log = log
    self.times = times
    self.expected = expected
  }
}

extension SchoolRecord {
  /// A record that cannot be kept or read; one sentence.
  package struct Failure: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// - Returns: nil where there is no such file.
  package init?(contentsOf path: String) throws(Failure) {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Failure(description: "\(path) cannot be read.")
    }
    guard let record = SchoolRecord(bytes) else {
      throw Failure(description: "\(path) is no record of a school: delete it.")
    }
    self = record
  }

  package func write(to path: String) throws(Failure) {
    do {
      try Data(json.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch { throw Failure(description: "\(path) cannot be written: \(error.localizedDescription)") }
  }

  private var json: String {
    let rows = Set(expected.counts.keys).union(expected.unsure.keys).map { key in
      let range = expected.range(key)
      let numbers = [key.person, key.session, key.deck, key.card, key.result].map { "\($0)" }
      return "[\(JSONText.quoted(key.type)),\(numbers.joined(separator: ",")),\(range.lowerBound),\(range.count - 1)]"
    }
    return """
      {"about":\(JSONText.quoted(about)),"log":\(log),"times":[\(times.lowerBound),\(times.upperBound)],"events":[
      \(rows.sorted().joined(separator: ",\n"))
      ]}

      """
  }

  private init?(_ bytes: Data) {
    guard let json = try? JSONParser.parse(Array(bytes)), case .string(let about)? = json["about"],
      let log = Self.number(json["log"]), case .array(let times)? = json["times"],
      case .array(let rows)? = json["events"]
    else { return nil }
    let bounds = times.compactMap(Self.number)
    guard bounds.count == 2, times.count == 2, bounds[0] <= bounds[1] else { return nil }
    var expected = ExpectedEvents()
    for row in rows {
      guard case .array(let fields) = row, fields.count == 8, case .string(let type) = fields[0] else { return nil }
      let numbers = fields.dropFirst().compactMap(Self.number)
      guard numbers.count == 7, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
      expected.set(
        EventKey(
          type, person: numbers[0], session: numbers[1], deck: numbers[2], card: numbers[3], result: numbers[4]),
        count: Int(numbers[5]), unsure: Int(numbers[6]))
    }
    self.init(about: about, log: log, times: bounds[0]..<bounds[1], expected: expected)
  }

  private static func number(_ value: JSONValue?) -> Int64? {
    if case .number(let digits)? = value { Int64(digits) } else { nil }
  }
}

extension SchoolSeeder.Outcome {
  /// What the school's events are: of a new one it is kept in the file, of one that was there it is looked for there.
  /// - Returns: nil where there is none.
  package func record(in file: String?) throws(SchoolRecord.Failure) -> SchoolRecord? {
    switch self {
    case .made(let record):
      if let file { try record.write(to: file) }
      return record
    case .wasThere(let log, let about):
      guard let file, let record = try SchoolRecord(contentsOf: file) else { return nil }
      guard record.log == log, record.about == about else {
        throw SchoolRecord.Failure(description: "\(file) is the record of another school: delete it.")
      }
      return record
    }
  }
}
