import ClickHouse
import Testing

/// Blocks to the real server and back, through compressed frames.
@Suite struct ClickHouseBlockTests {
  private func block(rows: Int, seed: UInt64) -> NativeBlock {
    func numbers<T>(_ make: (UInt64) -> T) -> [T] {
      (0..<UInt64(rows)).map { make(($0 &+ seed) &* 0x9e37_79b9_7f4a_7c15) }
    }
    let texts = numbers { String(repeating: "déck\0", count: Int($0 >> 60)) }
    let kinds = numbers { UInt32($0 >> 32) % 5 }
    let wide = numbers { UInt32($0 >> 32) % 300 }
    let lengths = numbers { $0 >> 62 }
    var end: UInt64 = 0
    let ends = lengths.map { length in
      end += length
      return end
    }
    return NativeBlock(
      columns: [
        .init(name: "u8", type: "UInt8", values: .uint8(numbers { UInt8(truncatingIfNeeded: $0) })),
        .init(name: "u16", type: "UInt16", values: .uint16(numbers { UInt16(truncatingIfNeeded: $0) })),
        .init(name: "u32", type: "UInt32", values: .uint32(numbers { UInt32(truncatingIfNeeded: $0) })),
        .init(name: "u64", type: "UInt64", values: .uint64(numbers { $0 })),
        .init(name: "i8", type: "Int8", values: .int8(numbers { Int8(truncatingIfNeeded: $0) })),
        .init(name: "i16", type: "Int16", values: .int16(numbers { Int16(truncatingIfNeeded: $0) })),
        .init(name: "i32", type: "Int32", values: .int32(numbers { Int32(truncatingIfNeeded: $0) })),
        .init(name: "i64", type: "Int64", values: .int64(numbers { Int64(truncatingIfNeeded: $0) })),
        .init(name: "f32", type: "Float32", values: .float32(numbers { Float($0) / 3 })),
        .init(name: "f64", type: "Float64", values: .float64(numbers { Double($0) / 7 })),
        .init(name: "b", type: "Bool", values: .bool(numbers { $0 & 1 == 1 })),
        .init(name: "id", type: "UUID", values: .uuid(numbers { ClickHouseUUID(high: $0, low: ~$0) })),
        .init(name: "d", type: "Date", values: .date(numbers { UInt16(truncatingIfNeeded: $0) })),
        .init(name: "d32", type: "Date32", values: .date32(numbers { Int32($0 >> 48) })),
        .init(name: "t", type: "DateTime", values: .dateTime(numbers { UInt32($0 >> 33) })),
        .init(
          name: "t3", type: "DateTime64(3, 'UTC')",
          values: .dateTime64(numbers { Int64($0 >> 23) }, precision: 3)),
        .init(name: "s", type: "String", values: .string(NativeStrings(texts))),
        .init(
          name: "f", type: "FixedString(3)",
          values: .fixedString(numbers { [UInt8($0 >> 56), 0, 7] }.flatMap { $0 }, width: 3)),
        .init(
          name: "l", type: "LowCardinality(String)",
          values: .lowCardinality(
            dictionary: .string(NativeStrings(["", "a", "b", "c", "d"])), indices: kinds, nullable: false)),
        .init(
          name: "w", type: "LowCardinality(String)",
          values: .lowCardinality(
            dictionary: .string(NativeStrings([""] + (1..<300).map { "entry \($0)" })), indices: wide, nullable: false)),
        .init(
          name: "n", type: "Nullable(UInt64)",
          values: .nullable(
            isNull: kinds.map { $0 == 0 }, values: .uint64(zip(kinds, numbers { $0 }).map { $0 == 0 ? 0 : $1 }))),
        .init(
          name: "a", type: "Array(UInt32)",
          values: .array(ends: ends, elements: .uint32((0..<UInt32(end)).map { $0 &* 2_654_435_761 }))),
      ], rows: rows)
  }

  @Test(arguments: [1, 100, 5000]) func whatIsInsertedComesBack(rows: Int) throws {
    try ClickHouseServer.withDatabase { connection, _ in
      let sent = block(rows: rows, seed: UInt64(rows))
      let columns = sent.columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
      try connection.execute(
        "CREATE TABLE t (\(columns), at DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY tuple()")
      let names = sent.columns.map(\.name).joined(separator: ", ")
      let encoder = NativeBlockEncoder()
      let compressor = FrameCompressor()
      for _ in 0..<2 {
        let frames = compressor.compress(encoder.encode(sent))
        let summary = try connection.insert("INSERT INTO t (\(names)) FORMAT Native", frames: frames)
        #expect(summary.writtenRows == rows)
      }
      withExtendedLifetime((encoder, compressor)) {}
      #expect(try connection.text("SELECT count() FROM t") == "\(2 * rows)\n")
      // Values compare as the server prints them: dictionaries may come back in another order.
      let hash = try connection.text("SELECT count(), uniqExact(tuple(*)) FROM (SELECT \(names) FROM t)")
      #expect(hash == "\(2 * rows)\t\(rows)\n")
      let answer = try connection.execute(
        "SELECT \(names) FROM t WHERE _part = (SELECT min(_part) FROM t) FORMAT Native",
        settings: ["max_block_size": "100000", "preferred_block_size_bytes": "0", "max_threads": "1"])
      let received = try NativeBlockDecoder.decode(answer)
      #expect(received.reduce(0) { $0 + $1.rows } == rows)
      guard received.count == 1 else { return }
      for (ours, theirs) in zip(sent.columns, received[0].columns) {
        #expect(ours.name == theirs.name)
        #expect(ours.type == theirs.type)
        if case .lowCardinality = ours.values {
          #expect(ours.values.texts == theirs.values.texts, "\(ours.name)")
        } else {
          #expect(ours.values == theirs.values, "\(ours.name)")
        }
      }
    }
  }

  @Test func dictionaryOverSixtyFiveThousandEntries() throws {
    let answer = try ClickHouseConnection(ClickHouseServer.configuration()).execute(
      "SELECT toLowCardinality(toString(number)) AS c FROM numbers(70000) FORMAT Native",
      settings: ["max_block_size": "100000"])
    let block = try #require(try NativeBlockDecoder.decode(answer).first)
    #expect(block["c"]?.texts?.last == "69999")
    let encoder = NativeBlockEncoder()
    #expect([UInt8](encoder.encode(block)) == answer)
  }

  @Test func aColumnTheTableLacksIsNotDroppedInSilence() throws {
    try ClickHouseServer.withDatabase { connection, _ in
      try connection.execute("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
      let encoder = NativeBlockEncoder()
      let compressor = FrameCompressor()
      let unknown = NativeBlock(columns: [.init(name: "m", type: "UInt64", values: .uint64([1]))], rows: 1)
      do {
        let frames = compressor.compress(encoder.encode(unknown))
        try connection.insert("INSERT INTO t FORMAT Native", frames: frames)
        Issue.record("an unknown column was accepted")
      } catch let error as ClickHouseError {
        guard case .server(117, "INCORRECT_DATA", let message) = error else { throw error }
        #expect(message.contains("Unknown column with name m"))
      }
      withExtendedLifetime((encoder, compressor)) {}
      #expect(try connection.text("SELECT count() FROM t") == "0\n")
    }
  }

  @Test func tokenMakesARepeatedInsertHarmless() throws {
    try ClickHouseServer.withDatabase { connection, _ in
      try connection.execute(
        """
        CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n
        SETTINGS non_replicated_deduplication_window = 100
        """)
      let encoder = NativeBlockEncoder()
      let compressor = FrameCompressor()
      let one = NativeBlock(columns: [.init(name: "n", type: "UInt64", values: .uint64([1, 2]))], rows: 2)
      for _ in 0..<2 {
        try connection.insert(
          "INSERT INTO t FORMAT Native", frames: compressor.compress(encoder.encode(one)),
          settings: ["insert_deduplication_token": "t-1", "async_insert": "0"])
      }
      withExtendedLifetime((encoder, compressor)) {}
      #expect(try connection.text("SELECT count() FROM t") == "2\n")
    }
  }
}
