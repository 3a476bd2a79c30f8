import CAllocations
import EventSchema
import Testing

@Suite struct ColumnsTests {
  private func login(_ producer: String, at time: Int64 = 1_700_000_000_000) -> [UInt8] {
    Event(
      id: .random(), occurredAtMs: time, producer: producer,
      payload: .userLoggedIn(userID: 1, loggedInAtMs: time, timezone: nil)
    ).wire
  }

  private func named(_ title: String?) -> [UInt8] {
    Event(
      id: .random(), occurredAtMs: 1_700_000_000_000, producer: "p",
      payload: .deckUpdated(deckID: 1, authorID: 1, changedAtMs: 1_700_000_000_000, title: title)
    ).wire
  }

  @Test func fullColumnsTakeNothingAndLoseNothing() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 2)
    #expect(columns.occurredAtMs == nil)
    for offset: Int64 in 0..<2 {
      #expect(!columns.isFull)
      #expect(
        decoder.decode(login("p", at: 1_700_000_000_000 - offset), offset: offset, kafkaTimestampMs: -1, into: columns)
          == .event(.userLoggedIn))
    }
    #expect(columns.isFull)
    #expect(decoder.decode(login("p"), offset: 2, kafkaTimestampMs: -1, into: columns) == .full)
    #expect(decoder.decode([], offset: 2, kafkaTimestampMs: -1, into: columns) == .full)
    #expect(columns.rowCount == 2)
    #expect(columns.rowCount(of: .userLoggedIn) == 2)
    #expect(columns.rowCount(of: .userDeleted) == 0)
    #expect(columns.occurredAtMs == 1_699_999_999_999...1_700_000_000_000)
    #expect(columns.cell(.kafkaOffset, 1) == .bits(1))
    columns.reset()
    #expect(columns.isEmpty && !columns.isFull && columns.occurredAtMs == nil && columns.byteCount == 0)
    #expect(columns.rowCount(of: .userLoggedIn) == 0)
    #expect(decoder.decode(login("q"), offset: 2, kafkaTimestampMs: -1, into: columns) == .event(.userLoggedIn))
    #expect(columns.cell(.producer, 0) == .text("q"))
  }

  @Test func stringsCountTowardsFullness() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 100, stringByteLimit: 10_000)
    var rows = 0
    while !columns.isFull {
      let producer = String(repeating: "x", count: 3000) + "\(rows)"
      #expect(
        decoder.decode(login(producer), offset: 0, kafkaTimestampMs: -1, into: columns) == .event(.userLoggedIn))
      rows += 1
    }
    #expect(rows == 4)
    // A begun range must still fit: past the limit rows are taken, until there are none left.
    #expect(decoder.decode(login("late"), offset: 0, kafkaTimestampMs: -1, into: columns) == .event(.userLoggedIn))
  }

  @Test func titlesCountTowardsFullness() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 100, stringByteLimit: 10_000)
    var rows = 0
    while !columns.isFull {
      #expect(
        decoder.decode(named(String(repeating: "漢", count: 200)), offset: 0, kafkaTimestampMs: -1, into: columns)
          == .event(.deckUpdated))
      rows += 1
    }
    #expect(rows == 17)
    columns.reset()
    #expect(!columns.isFull && columns.byteCount == 0)
  }

  /// Most rows have none, and the ends of those are written when the column is read.
  @Test func rowsWithoutATitleLieBetween() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 40)
    for round in 0..<3 {
      let titles: [String?] = (0..<40).map { $0 % 7 == round ? "title \($0)" : $0 % 11 == 0 ? "" : nil }
      for (row, title) in titles.enumerated() {
        _ = decoder.decode(named(title), offset: 0, kafkaTimestampMs: -1, into: columns)
        // Asked for in between, and then gone on with.
        if row == 20 { #expect(columns.cell(.title, 20) == .text(titles[20] ?? "")) }
        let spoilt = String(decoding: named("refused"), as: UTF8.self).replacing("changed_at", with: "at")
        #expect(
          decoder.decode(Array(spoilt.utf8), offset: 0, kafkaTimestampMs: -1, into: columns)
            == (columns.isFull ? .full : .invalid(.missingField)))
      }
      for (row, title) in titles.enumerated() { #expect(columns.cell(.title, row) == .text(title ?? "")) }
      columns.reset()
    }
  }

  @Test func hostileCardinalityStaysRight() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 20_000)
    for round in 0..<3 {
      for row in 0..<20_000 {
        let producer = "\(round)-\(row)" + String(repeating: "z", count: row % 23)
        _ = decoder.decode(login(producer), offset: Int64(row), kafkaTimestampMs: -1, into: columns)
      }
      #expect(columns.rowCount == 20_000)
      for row in stride(from: 0, to: 20_000, by: 97) {
        #expect(columns.cell(.producer, row) == .text("\(round)-\(row)" + String(repeating: "z", count: row % 23)))
      }
      columns.withColumn(.producer) { values in
        guard case .lowCardinality(let ends, _, _) = values else { return }
        #expect(ends.count == 20_001)
        #expect(ends[0] == 0)
      }
      columns.reset()
    }
  }

  @Test func equalStringsShareAnEntryAndRefusedRowsLeaveNone() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 10)
    for producer in ["a", "b", "", "a", "abcdefgh", "abcdefghi", "abcdefgh", "a"] {
      _ = decoder.decode(login(producer), offset: 0, kafkaTimestampMs: -1, into: columns)
      let spoilt = String(decoding: login("refused-\(producer)"), as: UTF8.self).replacing("logged_in_at", with: "at")
      #expect(
        decoder.decode(Array(spoilt.utf8), offset: 0, kafkaTimestampMs: -1, into: columns) == .invalid(.missingField))
    }
    columns.withColumn(.producer) { values in
      guard case .lowCardinality(let ends, let bytes, let indices) = values else {
        Issue.record("producer is a dictionary")
        return
      }
      #expect(Array(indices) == [1, 2, 0, 1, 3, 4, 3, 1])
      #expect(Array(ends) == [0, 1, 2, 10, 19])
      #expect(String(decoding: bytes, as: UTF8.self) == "ababcdefghabcdefghi")
    }
    columns.withColumn(.eventType) { values in
      guard case .lowCardinality(let ends, let bytes, let indices) = values else {
        Issue.record("event_type is a dictionary")
        return
      }
      #expect(Array(indices) == [UInt32](repeating: 1, count: 8))
      #expect(String(decoding: bytes, as: UTF8.self) == "user_logged_in")
      #expect(ends.count == 2)
    }
  }

  @Test func aRowLeavesNothingForTheNext() {
    var samples = SampleEvents(seed: 6)
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 64)
    for _ in 0..<2000 {
      let event = samples.event(samples.random.pick(EventType.allCases))
      var bytes = event.wire
      let spoils = samples.random.one(in: 3)
      if spoils { bytes.removeLast(Int.random(in: 1...40, using: &samples.random)) }
      let verdict = decoder.decode(bytes, offset: 7, kafkaTimestampMs: -1, into: columns)
      let alone = decode(bytes)
      #expect(verdict == alone.verdict)
      if let row = alone.row { #expect(columns.row(columns.rowCount - 1) == row) }
      if columns.isFull { columns.reset() }
    }
  }

  @Test func aWarmDecoderAndEncoderAllocateNothing() {
    var samples = SampleEvents(seed: 8)
    let events = (0..<2000).map { _ in samples.event(samples.random.pick(EventType.allCases)) }
    var messages: [[UInt8]] = events.map(\.wire)
    messages.append(Array("{\"event_id\":3}".utf8))
    messages.append(Array("nonsense".utf8))
    var decoder = EventDecoder()
    var encoder = EventEncoder()
    let columns = EventColumns(capacity: 512)
    func decodeAll() {
      for message in messages {
        _ = decoder.decode(message, offset: 1, kafkaTimestampMs: -1, into: columns)
        if columns.isFull { columns.reset() }
      }
    }
    func encodeAll() -> Int {
      var bytes = 0
      for event in events {
        encoder.encode(event)
        bytes += encoder.value.count + encoder.key.count
      }
      return bytes
    }
    decodeAll()
    let beforeDecoding = callocations_count()
    decodeAll()
    #expect(callocations_count() - beforeDecoding == 0)
    _ = encodeAll()
    let beforeEncoding = callocations_count()
    _ = encodeAll()
    // Doubles of many digits go through the standard library's text.
    #expect(callocations_count() - beforeEncoding <= 400)
  }
}
