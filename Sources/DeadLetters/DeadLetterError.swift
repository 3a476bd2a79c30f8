import ClickHouse
import Kafka

/// Why dead letters could not be read or sent.
package enum DeadLetterError: Error, CustomStringConvertible {
  case clickHouse(ClickHouseError)
  case kafka(KafkaError)
  /// The database has no ledger of replays, or no dead letters at all.
  case noTable(String)
  case noSuchLetter(LetterCoordinates)
  /// A correction that cannot be read: where, and why.
  case correction(String)

  package var description: String {
    switch self {
    case .clickHouse(let error): "\(error)"
    case .kafka(let error): "\(error)"
    case .noTable(let text): "ClickHouse lacks a table of this version: run `kartoteka migrate up` first (\(text))"
    case .noSuchLetter(let coordinates): "There is no dead letter at \(coordinates)."
    case .correction(let text): text
    }
  }

  static func wrap<Result>(_ body: () throws(ClickHouseError) -> Result) throws(DeadLetterError) -> Result {
    do { return try body() } catch {
      // UNKNOWN_TABLE
      if case .server(code: 60, _, let text) = error { throw .noTable(text) }
      throw .clickHouse(error)
    }
  }

  static func wrapKafka<Result>(_ body: () throws(KafkaError) -> Result) throws(DeadLetterError) -> Result {
    do { return try body() } catch { throw .kafka(error) }
  }
}
