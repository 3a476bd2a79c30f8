import Redis
import Testing

@Suite struct ReplyReaderTests {
  /// All replies in the bytes, fed in pieces of `step`.
  private func read(_ text: String, step: Int = .max, values: Int = 1000) throws -> [RedisValue] {
    try read(Array(text.utf8), step: step, values: values)
  }

  private func read(_ bytes: [UInt8], step: Int = .max, values: Int = 1000) throws -> [RedisValue] {
    let reader = ReplyReader(maximumValues: values)
    var replies: [RedisValue] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(step))
      rest = rest.dropFirst(piece.count)
      try piece.withUnsafeBytes { bytes in try reader.feed(bytes) }
      while let reply = try reader.next() { replies.append(reply) }
    }
    return replies
  }

  private static let all = """
    +OK\r\n:-7\r\n$-1\r\n*-1\r\n$0\r\n\r\n$5\r\na\r\n\u{0}b\r\n*0\r\n-WRONGTYPE Operation against a key\r\n\
    *4\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n-ERR no\r\n$-1\r\n:9223372036854775807\r\n
    """
  private static let values: [RedisValue] = [
    .status("OK"), .integer(-7), .null, .null, .bulk([]), .bulk([97, 13, 10, 0, 98]), .array([]),
    .error(RedisServerError(reply: "WRONGTYPE Operation against a key")),
    .array([
      .integer(1), .array([.bulk([120]), .array([])]), .error(RedisServerError(reply: "ERR no")), .null,
    ]), .integer(.max),
  ]

  @Test(arguments: [1, 2, 3, 7, 64, Int.max]) func everyKindHoweverItIsCut(step: Int) throws {
    #expect(try read(Self.all, step: step) == Self.values)
  }

  @Test func bytesThatAreNoTextSurvive() throws {
    let bytes = (0...255).map { UInt8($0) }
    #expect(try read(Array("$256\r\n".utf8) + bytes + [13, 10]) == [.bulk(bytes)])
  }

  @Test func partsAreNoReply() throws {
    for end in 1..<Self.all.utf8.count {
      _ = try read(Array(Self.all.utf8.prefix(end)))
    }
    #expect(try read("*2\r\n:1\r\n").isEmpty)
    #expect(try read("$10\r\nabc").isEmpty)
  }

  @Test(arguments: [
    "HTTP/1.1 400 Bad Request\r\n", "\r\n", "\u{0}", ":12x\r\n", ":\r\n", ":99999999999999999999\r\n", "$-2\r\n",
    "$x\r\n", "*x\r\n", "*-5\r\n", "*99999999999\r\n", "+O\r\n?",
  ])
  func hostileBytesAreRefused(_ text: String) {
    #expect(throws: StreamFailure.self) { try read(text) }
  }

  /// A claim is not believed: room is made as elements come.
  @Test func aGreatCountTakesNoRoom() throws {
    #expect(try read("*2147483647\r\n:1\r\n").isEmpty)
    #expect(try read("$536870912\r\nabc").isEmpty)
  }

  @Test func depthIsBounded() {
    #expect(throws: StreamFailure.self) {
      try read(String(repeating: "*1\r\n", count: 2000) + ":1\r\n")
    }
  }

  @Test func theNumberOfValuesIsBounded() throws {
    let nulls = "*10\r\n" + String(repeating: "$-1\r\n", count: 10)
    #expect(try read(nulls, values: 11).count == 1)
    #expect(throws: StreamFailure.protocolViolation("the reply has more than 10 values")) {
      try read(nulls, values: 10)
    }
    #expect(throws: StreamFailure.self) { try read(String(repeating: "*2\r\n:1\r\n", count: 6), values: 5) }
  }

  @Test func whatIsLeftOverIsSeen() throws {
    let reader = ReplyReader(maximumValues: 10)
    try Array("+OK\r\n+".utf8).withUnsafeBytes { bytes in try reader.feed(bytes) }
    #expect(try reader.next() == .status("OK"))
    #expect(!reader.isEmpty)
    try Array("PONG\r\n".utf8).withUnsafeBytes { bytes in try reader.feed(bytes) }
    #expect(try reader.next() == .status("PONG"))
    #expect(reader.isEmpty)
  }
}
