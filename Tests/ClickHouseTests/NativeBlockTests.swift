import ClickHouse
import Testing

/// Blocks written by a real server: read, written again to the same bytes, and damaged in every way.
@Suite struct NativeBlockTests {
  @Test func theGoldenFilesAreThere() throws {
    let queries = try GoldenFiles.lines("queries.tsv").map { String($0.prefix { $0 != "\t" }) }
    #expect(Set(queries) == Set(GoldenFiles.blockNames), "run Golden/regenerate")
    #expect(queries.count > 20)
  }

  @Test(arguments: GoldenFiles.blockNames) func decodesAndEncodesToTheSameBytes(_ name: String) throws {
    let bytes = try GoldenFiles.block(name)
    let encoder = NativeBlockEncoder(capacity: 1)
    var again: [UInt8] = []
    for block in try NativeBlockDecoder.decode(bytes) {
      for column in block.columns { #expect(column.values.count == block.rows) }
      again.append(contentsOf: encoder.encode(block))
    }
    #expect(again == bytes)
  }

  @Test(arguments: GoldenFiles.blockNames) func everyPrefixIsRefused(_ name: String) throws {
    let bytes = try GoldenFiles.block(name)
    var boundaries: Set<Int> = [0]
    let encoder = NativeBlockEncoder()
    for block in try NativeBlockDecoder.decode(bytes) {
      boundaries.insert(boundaries.max()! + encoder.encode(block).count)
    }
    // Every length near the ends, and a stride of them in between for the long files.
    let lengths = (0..<bytes.count).filter { $0 < 3000 || $0 > bytes.count - 100 || $0 % 97 == 0 }
    for length in lengths where !boundaries.contains(length) {
      #expect(throws: ClickHouseError.self) { try NativeBlockDecoder.decode(Array(bytes.prefix(length))) }
    }
  }

  @Test(arguments: GoldenFiles.blockNames) func flippedBitsNeverCrash(_ name: String) throws {
    let bytes = try GoldenFiles.block(name)
    guard !bytes.isEmpty else { return }
    var random = SeededGenerator(state: UInt64(bytes.count))
    for _ in 0..<3000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let position = Int.random(in: 0..<min(damaged.count, 2000), using: &random)
        damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
      guard let blocks = try? NativeBlockDecoder.decode(damaged) else { continue }
      // What is accepted is consistent, so it can be looked at and written again.
      let encoder = NativeBlockEncoder()
      for block in blocks {
        for column in block.columns { _ = (column.values.texts, column.values.integers) }
        encoder.encode(block)
      }
    }
  }

  @Test func impossibleSizesAreRefusedWithoutTakingMemory() throws {
    let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
    func header(_ type: String) -> [UInt8] {
      [1] + huge + [1, UInt8(ascii: "c"), UInt8(type.utf8.count)] + Array(type.utf8)
    }
    for type in [
      "UInt8", "UInt64", "String", "FixedString(1048576)", "Array(String)", "Nullable(UUID)", "LowCardinality(String)",
      "Bool",
    ] {
      let bytes = header(type) + [1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0] + huge
      #expect(throws: ClickHouseError.self) { try NativeBlockDecoder.decode(bytes) }
    }
    #expect(throws: ClickHouseError.self) { try NativeBlockDecoder.decode(huge + [0]) }
    #expect(throws: ClickHouseError.self) { try NativeBlockDecoder.decode([0] + huge) }
    #expect(throws: ClickHouseError.self) { try NativeBlockDecoder.decode([UInt8](repeating: 0xff, count: 40)) }
  }

  @Test func valuesOfEachKind() throws {
    let integers = try #require(try NativeBlockDecoder.decode(GoldenFiles.block("integers")).first)
    #expect(integers.rows == 7)
    #expect(integers["u32"] == .uint32((0..<7).map { $0 * 16_843_009 }))
    #expect(integers["i8"] == .int8([-3, -2, -1, 0, 1, 2, 3]))
    #expect(integers["i64"]?.integers?.last == -6_000_000_000_000)

    let uuids = try #require(try NativeBlockDecoder.decode(GoldenFiles.block("uuids")).first)
    guard case .uuid(let ids) = uuids["id"] else {
      Issue.record("no UUIDs")
      return
    }
    #expect(ids.map(\.description)[1] == "01234567-89ab-cdef-0123-456789abcdef")
    #expect(ids[1] == ClickHouseUUID("01234567-89AB-CDEF-0123-456789ABCDEF"))

    let times = try #require(try NativeBlockDecoder.decode(GoldenFiles.block("times")).first)
    #expect(times["t3"] == .dateTime64([-877, 123, 1123, 2123, 3123], precision: 3))
    #expect(times["d"] == .date([0, 9000, 18000, 27000, 36000]))

    let strings = try #require(try NativeBlockDecoder.decode(GoldenFiles.block("strings")).first)
    #expect(strings["u"]?.texts?.compactMap(\.self) == (0..<6).map { "ü\($0)\0" })

    let kinds = try #require(try NativeBlockDecoder.decode(GoldenFiles.block("low_cardinality")).first)
    #expect(kinds["kind"]?.texts?.prefix(5).compactMap(\.self) == ["", "deck", "card", "deck", "course"])

    let nullable = try #require(try NativeBlockDecoder.decode(GoldenFiles.block("nullable")).first)
    #expect(nullable["n"]?.integers == [nil, 1, nil, 3, nil, 5, nil])
    #expect(nullable["s"]?.texts == [nil, "1", "2", nil, "4", "5", nil])

    let arrays = try #require(try NativeBlockDecoder.decode(GoldenFiles.block("arrays")).first)
    #expect(
      arrays["n"] == .array(ends: [0, 1, 3, 6, 10], elements: .uint8([0, 0, 1, 0, 1, 2, 0, 1, 2, 3]))
        || arrays["n"] == .array(ends: [0, 1, 3, 6, 10], elements: .uint64([0, 0, 1, 0, 1, 2, 0, 1, 2, 3])))
  }

  @Test func bulkColumnsWriteWhatTypedColumnsWrite() throws {
    let encoder = NativeBlockEncoder()
    for rows in [0, 1, 255, 1000] {
      let texts = (0..<rows).map { String(repeating: "é", count: $0 % 90) }
      let strings = NativeStrings(texts)
      for entries in [1, 255, 256, 300, 70_000] {
        let dictionary = NativeStrings([""] + (1..<max(entries, 1)).map(String.init))
        let indices = (0..<rows).map { UInt32($0 * 7919 % entries) }
        let numbers = (0..<rows).map { UInt64($0) << 40 }
        let typed = NativeBlock(
          columns: [
            .init(name: "n", type: "UInt64", values: .uint64(numbers)),
            .init(name: "s", type: "String", values: .string(strings)),
            .init(
              name: "l", type: "LowCardinality(String)",
              values: .lowCardinality(dictionary: .string(dictionary), indices: indices, nullable: false)),
            .init(
              name: "m", type: "Nullable(UInt64)",
              values: .nullable(isNull: numbers.map { $0 % 3 == 0 }, values: .uint64(numbers))),
          ], rows: rows)
        let expected = [UInt8](encoder.encode(typed))
        encoder.begin(columns: 4, rows: rows)
        numbers.withUnsafeBytes { encoder.append(fixed: "n", type: "UInt64", bytes: $0) }
        strings.bytes.withUnsafeBytes { bytes in
          strings.ends.withUnsafeBufferPointer { encoder.append(strings: "s", ends: $0, bytes: bytes) }
        }
        dictionary.bytes.withUnsafeBytes { bytes in
          dictionary.ends.withUnsafeBufferPointer { ends in
            indices.withUnsafeBufferPointer {
              encoder.append(lowCardinality: "l", ends: ends, bytes: bytes, indices: $0)
            }
          }
        }
        numbers.map { $0 % 3 == 0 ? 1 : 0 as UInt8 }.withUnsafeBytes { nulls in
          numbers.withUnsafeBytes {
            encoder.append(nullable: "m", type: "Nullable(UInt64)", nulls: nulls, bytes: $0)
          }
        }
        #expect([UInt8](encoder.bytes) == expected)
        let decoded = try NativeBlockDecoder.decode(expected)
        #expect(rows == 0 || decoded == [typed])
      }
    }
  }

  @Test func aWarmEncoderKeepsItsMemory() throws {
    let block = try #require(try NativeBlockDecoder.decode(GoldenFiles.block("event_like")).first)
    let encoder = NativeBlockEncoder(capacity: 1)
    let compressor = FrameCompressor()
    _ = compressor.compress(encoder.encode(block))
    let places = (encoder.bytes.baseAddress, compressor.frames.baseAddress)
    for _ in 0..<10 {
      _ = compressor.compress(encoder.encode(block))
      #expect((encoder.bytes.baseAddress, compressor.frames.baseAddress) == places)
    }
  }

  @Test(arguments: [
    "Decimal(9, 2)", "Tuple(UInt8, String)", "Nullable(Array(UInt8))", "LowCardinality(UInt64)", "FixedString(0)",
    "FixedString(-1)", "DateTime64(10)", "Array(", "Array()", "", "Nullable(Nullable(UInt8))",
    String(repeating: "Array(", count: 1000) + "UInt8" + String(repeating: ")", count: 1000),
  ]) func typesNotUnderstoodAreNamed(_ type: String) {
    let error = #expect(throws: ClickHouseError.self) { try NativeType(parsing: type) }
    #expect(error.map { "\($0)".contains("the column type \(type.prefix(100))") } == true)
  }

  @Test func typesWithTheShapeOfOthers() throws {
    #expect(try NativeType(parsing: "Enum8('a' = 1, 'b)' = 2)") == .int8)
    #expect(try NativeType(parsing: "SimpleAggregateFunction(sum, UInt64)") == .uint64)
    #expect(
      try NativeType(parsing: "Array(Nullable(DateTime64(3, 'UTC')))") == .array(.nullable(.dateTime64(precision: 3))))
  }

  @Test func uuidText() {
    #expect(ClickHouseUUID("01234567-89ab-cdef-0123-456789abcde") == nil)
    #expect(ClickHouseUUID("01234567-89ab-cdef-0123-456789abcdeg") == nil)
    #expect(ClickHouseUUID("0123456789abcdef0123456789abcdef") == nil)
    let id = ClickHouseUUID.random()
    #expect(ClickHouseUUID(id.description) == id)
    #expect(id.description.dropFirst(14).first == "4")
  }
}
