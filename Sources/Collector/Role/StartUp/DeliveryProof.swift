import ClickHouse

/// Proves, on rows of its own and with the statements and settings that carry ranges, that this server keeps what delivery
/// rests on: a token is worth what docs/delivery.md says of it, in a table and behind a view.
///
/// ClickHouse changes here from version to version, so it is tried at each start rather than believed. Each proof has rows
/// and tokens of its own: any number may run at once.
package struct DeliveryProof {
  private static let rows = 2_000
  /// Rows beside them that only the reconciling INSERT brings.
  private static let further = 500
  private static let insert = RangeInsert(
    table: "delivery_proof", columns: [("proof", "UInt64"), ("kafka_offset", "Int64"), ("value", "UInt64")],
    stampColumn: "taken_at")
  private static let timeoutMs: Int64 = 30_000
  /// How long the body that ends early is left unfinished.
  private static let earlyEndMs = 200

  private let connection: ClickHouseConnection
  /// The run of ClickHouse in which it is made.
  private let incarnation: Incarnation
  private let id = UInt64.random(in: 1 ... .max)
  private let encoder = NativeBlockEncoder(capacity: 1 << 16)
  private let compressor = FrameCompressor()

  package init(_ connection: ClickHouseConnection, in incarnation: Incarnation) {
    self.connection = connection
    self.incarnation = incarnation
  }

  /// A lease that is over, one that stays ahead of every clock, and one of another run.
  private var over: Lease { Lease(untilMs: 1_000, in: incarnation) }
  private var ahead: Lease { Lease(untilMs: 4_000_000_000_000, in: incarnation) }
  private var strange: Lease { Lease(untilMs: 4_000_000_000_000, in: .random()) }

  /// What of it the server does not keep, in words that finish a sentence; nil when it keeps everything.
  package func firstBroken() throws(ClickHouseError) -> String? {
    guard let broken = try run(lookingAfterEach: false) else { return nil }
    // Once more, to say which statement it was.
    return try DeliveryProof(connection, in: incarnation).run(lookingAfterEach: true) ?? broken
  }

  /// - Parameter each: look at the rows after each statement; else where a later one could mend what is wrong, and at the end.
  private func run(lookingAfterEach each: Bool) throws(ClickHouseError) -> String? {
    if try takes(over) { return "an INSERT is taken after the end of its lease" }
    if try takes(strange) { return "an INSERT is taken that was meant for another run of the server" }
    try breakOff()
    let (rows, all) = (Self.rows, Self.rows + Self.further)
    let place = "proof = \(id)"
    let token = "proof/\(id)"
    // Unlike every time at which a row of ours can have come.
    let stampMs = try nowMs() + 3_600_000
    let missing = Self.insert.text(
      ahead, stampMs: stampMs,
      where: [
        "kafka_offset NOT IN (SELECT kafka_offset FROM delivery_proof WHERE \(place) AND taken_at != \(RangeInsert.time(stampMs)))"
      ])
    let whole = Self.insert.text(ahead)

    try send(whole, blocks: [900, 50, rows - 950], token)
    if each, let broken = try difference(rows, after: "an INSERT after one whose body ended early") { return broken }
    try send(whole, blocks: [900, 50, rows - 950], token)
    if each, let broken = try difference(rows, after: "an INSERT repeated under its token") { return broken }
    try send(whole, blocks: [rows], token)
    try send(whole, blocks: [1, rows - 1], token)
    if each, let broken = try difference(rows, after: "an INSERT repeated in blocks with other borders") {
      return broken
    }
    try connection.execute(
      Self.insert.resending(ahead, where: place),
      settings: RangeInsert.settings(token: token, timeoutMs: Self.timeoutMs))
    if let broken = try difference(rows, after: "rows sent again as the table has them") { return broken }
    try send(missing, blocks: [1_000, all - 1_000], token + "/missing")
    if each, let broken = try difference(all, after: "an INSERT of the rows that are missing") { return broken }
    try send(missing, blocks: [all], token + "/missing")
    return try difference(all, after: "an INSERT of the rows that are missing, repeated")
  }

  private func takes(_ lease: Lease) throws(ClickHouseError) -> Bool {
    do throws(ClickHouseError) {
      try send(Self.insert.text(lease), blocks: [10], "proof/\(id)/lease")
      return true
    } catch {
      guard RangeInsert.isRefused(error) else { throw error }
      return false
    }
  }

  private func send(_ query: String, blocks: [Int], _ token: String) throws(ClickHouseError) {
    let body = native(blocks)
    let frames = body.withUnsafeBytes { Array(compressor.compress($0)) }
    _ = try frames.withUnsafeBytes { frames in
      Result { () throws(ClickHouseError) in
        try connection.insert(
          query, frames: frames, settings: RangeInsert.settings(token: token, timeoutMs: Self.timeoutMs))
      }
    }.get()
  }

  /// Sends two blocks of three, under the token of all, and gives up: what has come by then is well-formed.
  private func breakOff() throws(ClickHouseError) {
    let body = native([900, 50])
    var sent = 0
    let timeoutMs = connection.requestTimeoutMs
    connection.requestTimeoutMs = Self.earlyEndMs
    defer { connection.requestTimeoutMs = timeoutMs }
    do throws(ClickHouseError) {
      try connection.insert(
        Self.insert.text(ahead), settings: RangeInsert.settings(token: "proof/\(id)", timeoutMs: Self.timeoutMs)
      ) { target in
        guard sent < body.count else { return ClickHouseConnection.nothingYet }
        let count = min(target.count, body.count - sent)
        body.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count])) }
        sent += count
        return count
      }
    } catch .interrupted {
      // As intended.
    }
  }

  private func nowMs() throws(ClickHouseError) -> Int64 {
    guard let row = try connection.rows("SELECT toUnixTimestamp64Milli(now64(3))").first else {
      throw .protocolViolation("no time in the answer to now64")
    }
    return try row.value(0)
  }

  /// Blocks of so many rows each, one after the other.
  private func native(_ blocks: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    var from = 0
    for rows in blocks {
      let offsets = (from..<from + rows).map(Int64.init)
      let values = offsets.map { UInt64($0) * 7 }
      encoder.begin(columns: 3, rows: rows)
      [UInt64](repeating: id, count: rows).withUnsafeBytes { encoder.append(fixed: "proof", type: "UInt64", bytes: $0) }
      offsets.withUnsafeBytes { encoder.append(fixed: "kafka_offset", type: "Int64", bytes: $0) }
      values.withUnsafeBytes { encoder.append(fixed: "value", type: "UInt64", bytes: $0) }
      bytes.append(contentsOf: encoder.bytes)
      from += rows
    }
    return bytes
  }

  /// What is wrong when the rows 0 ..< `count` should be in, once each, in the table and behind its view.
  private func difference(_ count: Int, after what: String) throws(ClickHouseError) -> String? {
    let found = try connection.rows(
      """
      SELECT count(), uniqExact(kafka_offset), sum(value),
        (SELECT sum(row_count) FROM delivery_proof_sums WHERE proof = \(id)),
        (SELECT sum(total) FROM delivery_proof_sums WHERE proof = \(id))
      FROM delivery_proof WHERE proof = \(id)
      """)
    guard let row = found.first, row.count == 5 else {
      throw .protocolViolation("no sums in the answer to a question for them")
    }
    let total = count * (count - 1) / 2 * 7
    if (0..<5).map({ row[$0] }) == [count, count, total, count, total].map({ "\($0)" }) { return nil }
    return "after \(what) there are \(row[0]) rows in a table and \(row[3]) behind its view, not \(count) in both"
  }
}
