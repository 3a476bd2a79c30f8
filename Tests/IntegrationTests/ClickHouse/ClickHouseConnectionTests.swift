import ClickHouse
import Testing

/// The HTTP client against the real server: answers, parameters, and every way a request fails.
@Suite struct ClickHouseConnectionTests {
  let connection: ClickHouseConnection

  init() throws {
    connection = ClickHouseConnection(try ClickHouseServer.configuration())
  }

  private func failure(_ body: () throws -> Void) -> ClickHouseError? {
    do {
      try body()
      return nil
    } catch { return error as? ClickHouseError }
  }

  @Test func answersAndKeepsTheConnection() throws {
    for number in 0..<20 { #expect(try connection.text("SELECT \(number)") == "\(number)\n") }
  }

  @Test func settingsAndQueryIDReachTheServer() throws {
    let id = "test-\(UInt64.random(in: 0...UInt64.max))"
    let answer = try connection.execute(
      "SELECT getSetting('max_threads'), queryID()", settings: ["max_threads": "3"], queryID: id)
    #expect(String(decoding: answer, as: UTF8.self) == "3\t\(id)\n")
    #expect(connection.lastQueryID == id)
  }

  @Test(arguments: [
    "plain", "tab\tnewline\nreturn\rzero\0end", "back\\slash \\N \\t", "quote ' and \" ` -- /* {x:String}", "",
    "ünïcode 🃏",
    "%41+&=?#",
  ]) func textParametersArriveAsTheyAre(_ value: String) throws {
    let answer = try connection.execute("SELECT {value:String} FORMAT RowBinary", parameters: ["value": value])
    #expect(answer == [UInt8(value.utf8.count)] + Array(value.utf8))
    let element = try connection.execute(
      "SELECT {values:Array(String)}[2] FORMAT RowBinary", parameters: ["values": ["first", value]])
    #expect(element == [UInt8(value.utf8.count)] + Array(value.utf8))
  }

  @Test func parametersOfOtherTypes() throws {
    let answer = try connection.text(
      "SELECT {n:UInt64}, {d:DateTime64(3)}, {missing:Nullable(String)} IS NULL, {ids:Array(UInt64)}, {b:Bool}",
      parameters: [
        "n": UInt64.max, "d": "2026-01-02 03:04:05.678", "missing": String?.none, "ids": [1, 2, 3], "b": true,
      ])
    #expect(answer == "18446744073709551615\t2026-01-02 03:04:05.678\t1\t[1,2,3]\ttrue\n")
  }

  @Test func syntaxErrorIsToldWithCodeNameAndWords() throws {
    guard case .server(let code, let name, let message) = failure({ try connection.execute("SELEC 1") }) else {
      Issue.record("no server error")
      return
    }
    #expect(code == 62)
    #expect(name == "SYNTAX_ERROR")
    #expect(message.hasPrefix("Syntax error: failed at position 1"))
    #expect(!message.contains("version"))
    #expect(try connection.text("SELECT 1") == "1\n", "the connection is still usable")
  }

  @Test(arguments: ["Native", "TabSeparated", "JSONEachRow", "JSON", "CSV"])
  func exceptionInTheMiddleOfAnAnswer(format: String) throws {
    var received = 0
    var tail: [UInt8] = []
    let error = failure {
      try connection.stream(
        "SELECT number, throwIf(number = 3000000, 'deliberate') FROM numbers(10000000) FORMAT \(format)",
        settings: ["max_block_size": "1000", "max_threads": "1"]
      ) { chunk in
        received += chunk.count
        tail = (tail + chunk).suffix(4096)
        return true
      }
    }
    guard case .server(395, let name, let message) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(name == "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO")
    #expect(message.hasPrefix("deliberate"))
    #expect(
      !String(decoding: tail, as: UTF8.self).contains("xception"), "no part of the exception is passed on as data")
    #expect(received > 1_000_000, "the exception did come after part of the answer")
    #expect(try connection.text("SELECT 1") == "1\n")
  }

  @Test func exceptionTextAsDataIsData() throws {
    let sql =
      "SELECT '__exception__\\r\\nCode: 241. DB::Exception: Not real. (MEMORY_LIMIT_EXCEEDED) (version 25.5.2.1)\\n'"
    let answer = try connection.text(sql + " FORMAT TSVRaw")
    #expect(answer.hasPrefix("__exception__\r\nCode: 241"))
  }

  @Test func memoryLimitIsBackpressure() throws {
    let error = failure {
      try connection.execute(
        "SELECT groupArray(number) FROM numbers(100000000)", settings: ["max_memory_usage": "20000000"])
    }
    guard case .server(241, "MEMORY_LIMIT_EXCEEDED", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.disposition == .backpressure)
  }

  @Test func wrongPasswordIsMisconfigurationAndNotRepeated() throws {
    let other = ClickHouseConnection(try ClickHouseServer.configuration(password: "s3cret-guess"))
    let error = failure { try other.execute("SELECT 1") }
    #expect(error?.disposition == .misconfiguration)
    #expect(error.map { "\($0)".contains("s3cret") } == false)
    #expect(!"\(other.configuration)".contains("s3cret"))
  }

  @Test func refusedConnectionSentNothing() throws {
    let nowhere = ClickHouseConnection(try ClickHouseConfiguration(url: "http://127.0.0.1:1"))
    guard case .connection(let words) = failure({ try nowhere.execute("SELECT 1") }) else {
      Issue.record("not .connection")
      return
    }
    #expect(words.contains("127.0.0.1:1"))
  }

  @Test func timeoutAfterSendingLeavesTheOutcomeUnknown() throws {
    connection.requestTimeoutMs = 200
    guard case .interrupted = failure({ try connection.execute("SELECT sleep(2)") }) else {
      Issue.record("not .interrupted")
      return
    }
    connection.requestTimeoutMs = 60_000
    #expect(try connection.text("SELECT 1") == "1\n")
  }

  @Test func missingTableIsMisconfiguration() throws {
    guard case .server(60, "UNKNOWN_TABLE", _) = failure({ try connection.execute("SELECT * FROM no_such_table") })
    else {
      Issue.record("not 60")
      return
    }
  }

  @Test func answerLargerThanAllowedIsRefused() throws {
    var configuration = connection.configuration
    configuration.maximumAnswerBytes = 1000
    let small = ClickHouseConnection(configuration)
    guard case .protocolViolation(let words) = failure({ try small.execute("SELECT number FROM numbers(10000)") })
    else {
      Issue.record("not refused")
      return
    }
    #expect(words.contains("1000 bytes"))
  }

  @Test func compressedAnswersAreTheSame() throws {
    var configuration = connection.configuration
    configuration.compressedAnswers = true
    let compressed = ClickHouseConnection(configuration)
    let sql = "SELECT number, toString(number) FROM numbers(1000000) FORMAT Native"
    #expect(try compressed.execute(sql) == connection.execute(sql))
    guard case .server(62, "SYNTAX_ERROR", _) = failure({ try compressed.execute("SELEC") }) else {
      Issue.record("not 62")
      return
    }
    let error = failure {
      try compressed.stream(
        "SELECT number, throwIf(number = 3000000) FROM numbers(10000000) FORMAT Native",
        settings: ["max_block_size": "1000"]
      ) { _ in true }
    }
    guard case .server(395, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func insertFromASourceAndFromFrames() throws {
    try ClickHouseServer.withDatabase { connection, _ in
      try connection.execute("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
      let text = Array("1\n2\n3\n".utf8)
      var sent = 0
      let summary = try connection.insert("INSERT INTO t FORMAT TSV") { target in
        let count = min(2, text.count - sent)
        target.copyBytes(from: text[sent..<sent + count])
        sent += count
        return count
      }
      #expect(summary.writtenRows == 3)
      let block = try connection.execute("SELECT number + 10 AS n FROM numbers(100000) FORMAT Native")
      let compressor = FrameCompressor()
      let frames = block.withUnsafeBytes { [UInt8](compressor.compress($0)) }
      let inserted = try frames.withUnsafeBytes { try connection.insert("INSERT INTO t FORMAT Native", frames: $0) }
      #expect(inserted.writtenRows == 100_000)
      #expect(try connection.text("SELECT count(), sum(n) FROM t") == "100003\t5000950006\n")
      // Small: the server looks for the bit that would repair a wrong checksum.
      var damaged = block.withUnsafeBytes { [UInt8](compressor.compress(UnsafeRawBufferPointer(rebasing: $0[..<500]))) }
      damaged[damaged.count / 2] ^= 1
      let error = failure {
        try damaged.withUnsafeBytes { _ = try connection.insert("INSERT INTO t FORMAT Native", frames: $0) }
      }
      guard case .server(271, "CANNOT_DECOMPRESS", _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }
}
