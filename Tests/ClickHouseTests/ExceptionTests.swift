import ClickHouse
import Testing

@Suite struct ExceptionTests {
  private static let text =
    "__exception__\r\nCode: 395. DB::Exception: Value (a. b) passed: while executing 'F'. (THROW_IF_VALUE) (version 25.5.2.1)\n"

  /// Feeds `text` in pieces of `size`; returns what came through and the verdict.
  private func feed(_ text: String, size: Int, broken: Bool, tag: String? = nil) -> (String, ClickHouseError?) {
    var tail = ExceptionTail()
    var passed: [UInt8] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { tail.feed($0) { passed.append(contentsOf: $0) } }
    }
    let error = tail.finish(broken: broken, tag: tag) { passed.append(contentsOf: $0) }
    return (String(decoding: passed, as: UTF8.self), error)
  }

  @Test(arguments: [1, 2, 3, 14, 15, 16, 50, 1000]) func markerIsFoundHoweverTheAnswerIsCut(size: Int) {
    let (passed, error) = feed("data __exception_ \r\n__except" + Self.text, size: size, broken: true)
    #expect(passed == "data __exception_ \r\n__except")
    #expect(
      error == .server(code: 395, name: "THROW_IF_VALUE", message: "Value (a. b) passed: while executing 'F'"))
  }

  @Test(arguments: [1, 7, 1000]) func anAnswerThatEndsWellIsDataWhateverItHolds(size: Int) {
    for text in ["data " + Self.text, "ends with __excep", "_", "", "__exception__\r\n__exception__\r\n"] {
      let (passed, error) = feed(text, size: size, broken: false)
      #expect(passed == text)
      #expect(error == nil)
    }
  }

  @Test func aMarkerFarFromTheEndIsData() {
    let text = "__exception__\r\n" + String(repeating: "x", count: 200_000) + "__exception__\r\nend"
    let (passed, error) = feed(text, size: 1000, broken: false)
    #expect(passed == text)
    #expect(error == nil)
    #expect(
      feed("__exception__\r\n" + String(repeating: "x", count: 200_000) + Self.text, size: 999, broken: true).1 != nil)
  }

  @Test func aBrokenAnswerWithoutAnExceptionHasNone() {
    #expect(feed("1\n2\n3\n", size: 3, broken: true).1 == nil)
  }

  @Test func tagMustBeTheAnnouncedOne() {
    #expect(
      feed("__exception__\r\nabc\r\nCode: 1. DB::Exception: x. (X_Y)\n", size: 9, broken: false, tag: "abd").1 == nil)
    #expect(
      feed("__exception__\r\nabc\r\nCode: 1. DB::Exception: x. (X_Y)\n", size: 9, broken: false, tag: "abc").1
        == .server(code: 1, name: "X_Y", message: "x"))
  }

  @Test func exceptionTexts() {
    func parse(_ text: String, _ code: Int? = nil) -> ClickHouseError? {
      ServerException.parse(Array(text.utf8), headerCode: code)
    }
    #expect(
      parse("Code: 60. DB::Exception: Table a.b does not exist. (UNKNOWN_TABLE) (version 25.5.2.1 (official build))\n")
        == .server(code: 60, name: "UNKNOWN_TABLE", message: "Table a.b does not exist"))
    #expect(
      parse(
        "Code: 76. DB::ErrnoException: Cannot open file /x, errno: 13, strerror: Permission denied. (CANNOT_OPEN_FILE)")
        == .server(
          code: 76, name: "CANNOT_OPEN_FILE", message: "Cannot open file /x, errno: 13, strerror: Permission denied"))
    #expect(
      parse(
        "{\"exception\": \"Code: 6. DB::Exception: Cannot parse \\\"a\\\\b\\\": line\\n2. (CANNOT_PARSE_TEXT) (version 1)\"}"
      )
        == .server(code: 6, name: "CANNOT_PARSE_TEXT", message: "Cannot parse \"a\\b\": line\n2"))
    #expect(parse("Poco::Exception. Code: 1000, e.code() = 104, Connection reset by peer") != nil)
    #expect(parse("", 241) == .server(code: 241, name: "", message: ""))
    #expect(parse("no exception here") == nil)
    #expect(parse("Code: x") == nil)
    #expect(parse("Code: ") == nil)
    #expect(parse("Code: 99999999999999999999999. DB::Exception") == nil)
  }

  @Test func dispositions() {
    for (code, disposition) in [
      (252, Disposition.backpressure), (202, .backpressure), (241, .backpressure), (243, .backpressure),
      (159, .transient), (209, .transient), (210, .transient), (999, .transient), (319, .transient), (242, .transient),
      (516, .misconfiguration), (192, .misconfiguration), (60, .misconfiguration), (81, .misconfiguration),
      (16, .misconfiguration), (8, .misconfiguration), (53, .misconfiguration), (497, .misconfiguration),
      (164, .misconfiguration), (27, .data), (62, .data), (117, .data), (33, .data), (123_456, .transient),
    ] {
      #expect(ClickHouseError.server(code: code, name: "", message: "").disposition == disposition, "\(code)")
    }
    #expect(ClickHouseError.interrupted("").isOutcomeUnknown)
    #expect(!ClickHouseError.connection("").isOutcomeUnknown)
  }

  @Test(arguments: [
    "localhost:8123", "ftp://localhost", "http://", "http://user:secret@localhost:8123", "http://localhost/path",
    "http://localhost:8123?x=1", "http://local host", "",
  ]) func unusableURLsAreRefusedWithoutRepeatingThem(_ url: String) {
    let error = #expect(throws: InvalidClickHouseConfiguration.self) { try ClickHouseConfiguration(url: url) }
    #expect(error?.description.contains("secret") == false)
  }

  @Test func passwordIsNeverPrinted() throws {
    let configuration = try ClickHouseConfiguration(url: "http://localhost:8123/", password: "hunter2")
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!"\(configuration) \(String(reflecting: configuration)) \(dumped)".contains("hunter2"))
    #expect(configuration.url == "http://localhost:8123")
    #expect(throws: InvalidClickHouseConfiguration.self) {
      try ClickHouseConfiguration(url: "http://localhost", password: "a\r\nX-Other: b")
    }
  }
}
