import ClickHouse
import Collector

extension ClickHouseConnection {
  /// Names this run of ClickHouse, as a recovery with nothing to do would.
  func nameRun() throws -> Incarnation {
    let name = ClickHouseUUID.random().description
    try execute("INSERT INTO recoveries (number, recoverer, incarnation) SELECT 1, generateUUIDv4(), '\(name)'")
    return Incarnation(name)
  }
}
