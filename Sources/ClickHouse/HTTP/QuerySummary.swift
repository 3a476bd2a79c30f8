/// What the server says it did, from `X-ClickHouse-Summary`. Exact for inserts; for a query whose answer is streamed it
/// is the state when the answer began.
package struct QuerySummary: Sendable, Equatable {
  package var readRows = 0
  package var readBytes = 0
  /// Rows written, those of materialized views included.
  package var writtenRows = 0
  package var writtenBytes = 0
  package var resultRows = 0
  package var elapsedNs = 0

  package init() {}

  /// Reads the header's flat JSON object of numbers in quotes; what it does not know it passes over.
  init(header: some Collection<UInt8>) {
    var key = ""
    for (position, part) in String(decoding: header, as: UTF8.self).split(
      separator: "\"", omittingEmptySubsequences: false
    )
    .enumerated() where position % 2 == 1 {
      guard position % 4 == 3 else {
        key = String(part)
        continue
      }
      guard let value = Int(part) else { continue }
      switch key {
      case "read_rows": readRows = value
      case "read_bytes": readBytes = value
      case "written_rows": writtenRows = value
      case "written_bytes": writtenBytes = value
      case "result_rows": resultRows = value
      case "elapsed_ns": elapsedNs = value
      default: break
      }
    }
  }
}

/// What an insert wrote.
package typealias InsertSummary = QuerySummary
