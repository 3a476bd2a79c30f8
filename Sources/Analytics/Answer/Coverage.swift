import CivilTime
import Synchronization

/// What stretch of time the events cover, asked at most once a second.
package final class Coverage: Sendable {
  package struct Extent: Sendable, Equatable {
    package let first: Instant
    package let last: Instant
  }

  private struct Known {
    var extent: Extent?
    var asked: ContinuousClock.Instant
  }

  private let warehouse: any Warehouse
  private let known = Mutex<Known?>(nil)

  package init(warehouse: any Warehouse) {
    self.warehouse = warehouse
  }

  /// The first and the last event, or nil without any. The last is never later than `now`.
  func extent(for scope: RequestScope, now: Instant) async throws -> Extent? {
    let age = ContinuousClock.now
    if let known = known.withLock({ $0 }), age - known.asked < .seconds(1) { return known.extent }
    let statement = Statement(
      sql: """
        SELECT count(), toUnixTimestamp64Milli(min(occurred_at)), toUnixTimestamp64Milli(max(occurred_at)) FROM events \
        FORMAT JSONCompact
        """, parameters: [:])
    let table = try ResultTable(try await warehouse.read(statement, for: scope).bytes)
    let numbers = table.rows.first?.map { $0.unquotedNumber.text } ?? []
    var extent: Extent?
    if numbers.count == 3, numbers[0] != "0", let first = Int(numbers[1]), let last = Int(numbers[2]) {
      extent = Extent(first: Instant(milliseconds: first), last: Instant(milliseconds: min(last, now.milliseconds)))
    }
    known.withLock { $0 = Known(extent: extent, asked: age) }
    return extent
  }
}
