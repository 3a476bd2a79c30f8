import JSON

/// What ClickHouse's `JSONCompact` says: rows of values, and how much was read for them.
struct ResultTable {
  let rows: [[JSONValue]]
  let rowsRead: Int

  init(_ bytes: [UInt8]) throws(WarehouseFailure) {
    guard let value = try? JSONParser.parse(bytes), case .array(let data)? = value["data"] else {
      throw .misconfigured("ClickHouse's answer is not the JSON it was asked for")
    }
    var rows: [[JSONValue]] = []
    rows.reserveCapacity(data.count)
    for row in data {
      guard case .array(let values) = row else { throw .misconfigured("a row of ClickHouse's answer is no array") }
      rows.append(values)
    }
    self.rows = rows
    if case .number(let digits)? = value["statistics"]?["rows_read"] {
      rowsRead = Int(digits) ?? 0
    } else {
      rowsRead = 0
    }
  }
}

extension JSONValue {
  /// A number, also where the server puts long integers in quotes.
  var unquotedNumber: JSONValue {
    if case .string(let text) = self { return .number(text) }
    return self
  }
}
