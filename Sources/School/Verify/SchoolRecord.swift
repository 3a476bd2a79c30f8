import ClickHouse
import Foundation
import JSON

/// Which events a school has caused, as ClickHouse had them when all were there: so that they can be asked for again, whatever
/// its people and others have done since. In a file it is JSON.
package struct SchoolRecord: Sendable, Equatable {
  package let log: SchoolLog
  /// `event_id`s.
  package let events: [String]

  package init(log: SchoolLog, events: [String]) {
    self.log = log
    self.events = events
  }
}

extension SchoolRecord {
  /// A record that cannot be kept or read, or is of another school; one sentence.
  package struct Failure: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  private static let idsPerQuestion = 2_000

  /// The record of a school.
  /// - Returns: nil where there is no such file.
  package static func read(_ path: String, of log: SchoolLog) throws(Failure) -> SchoolRecord? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Failure(description: "\(path) cannot be read.")
    }
    guard let record = SchoolRecord(bytes) else {
      throw Failure(description: "\(path) is no record of a school: delete it.")
    }
    guard record.log == log else { throw Failure(description: "\(path) is the record of another school: delete it.") }
    return record
  }

  package func write(to path: String) throws(Failure) {
    let ids = events.map(JSONText.quoted).joined(separator: ",\n")
    let json = """
      {"about":\(JSONText.quoted(log.about)),"log":\(log.deck),"events":[
      \(ids)
      ]}

      """
    do {
      try Data(json.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch { throw Failure(description: "\(path) cannot be written: \(error.localizedDescription)") }
  }

  /// Asks ClickHouse for each of them, once.
  package func check(_ clickHouse: ClickHouseConfiguration) -> EventCheck.Outcome {
    let connection = ClickHouseConnection(clickHouse)
    var outcome = EventCheck.Outcome()
    do throws(ClickHouseError) {
      var missing = Set(events)
      for start in stride(from: 0, to: events.count, by: Self.idsPerQuestion) {
        let ids = events[start..<min(start + Self.idsPerQuestion, events.count)]
        let list = ids.map { "'\($0)'" }.joined(separator: ",")
        let rows = try connection.rows(
          "SELECT toString(event_id), count() FROM events WHERE event_id IN (\(list)) GROUP BY event_id")
        for row in rows {
          missing.remove(row[0])
          outcome.repeated += (Int(row[1]) ?? 1) - 1
        }
      }
      outcome.found = events.count - missing.count
      if let first = missing.min() { outcome.differences = ["\(missing.count) are missing, as event_id \(first)"] }
    } catch { outcome.error = "\(error)" }
    return outcome
  }

  private init?(_ bytes: Data) {
    guard let json = try? JSONParser.parse(Array(bytes)), case .string(let about)? = json["about"],
      case .number(let digits)? = json["log"], let deck = Int64(digits), case .array(let values)? = json["events"]
    else { return nil }
    // They go into a question to ClickHouse.
    let ids = values.compactMap {
      if case .string(let id) = $0 { UUID(uuidString: id)?.uuidString.lowercased() } else { nil }
    }
    guard ids.count == values.count else { return nil }
    self.init(log: SchoolLog(deck: deck, about: about), events: ids)
  }
}
