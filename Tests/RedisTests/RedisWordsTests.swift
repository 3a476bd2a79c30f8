import Redis
import Testing

@Suite struct RedisWordsTests {
  private func text(_ command: RedisCommand) -> String { String(decoding: command.encoded, as: UTF8.self) }

  @Test func argumentsAreBytes() {
    #expect(text(RedisCommand("PING")) == "*1\r\n$4\r\nPING\r\n")
    #expect(
      text(RedisCommand("SET", "k\r\n", "é", -12)) == "*4\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$2\r\né\r\n$3\r\n-12\r\n")
    #expect(RedisCommand("GET", [0, 255] as [UInt8]).encoded.suffix(8) == [36, 50, 13, 10, 0, 255, 13, 10])
    #expect(text(RedisCommand("GET", "")).hasSuffix("\r\n$0\r\n\r\n"))
  }

  @Test func aPrintedCommandShowsNoArguments() {
    let command = RedisCommand("SET", "key", "pass-w0rd")
    var dumped = ""
    dump(command, to: &dumped)
    for text in ["\(command)", String(reflecting: command), dumped] { #expect(!text.contains("w0rd"), "\(text)") }
  }

  @Test func aScriptIsKnownByItsDigest() {
    let script = RedisScript("return redis.call('GET', KEYS[1])")
    #expect(script.sha1 == "d3c21d0c2b9ca22f82737626a27bcaf5d288f99f")
    #expect(text(script.command(keys: ["k"], arguments: [7])).hasSuffix("\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\n7\r\n"))
  }

  @Test func serverErrorsHaveACode() {
    let error = RedisServerError(reply: "WRONGTYPE Operation against a key holding the wrong kind of value")
    #expect(error.code == "WRONGTYPE" && error.message.hasPrefix("Operation against"))
    #expect(RedisServerError(reply: "OOM") == RedisServerError(reply: "OOM "))
    #expect(RedisServerError(reply: "").code == "")
  }

  @Test func serverErrorsRepeatNoArgumentsAndNoAddress() {
    let unknown = RedisServerError(
      reply: "ERR unknown command 'FOO', with args beginning with: 'pass-w0rd' 'x' ")
    #expect(unknown.message == "unknown command 'FOO'")
    for text in ["MOVED 3999 10.1.2.3:6381", "ASK 3999 10.1.2.3:6381"] {
      #expect(!"\(RedisError.server(RedisServerError(reply: text)))".contains("10.1.2.3"))
    }
    #expect(RedisServerError(reply: "ERR " + String(repeating: "x", count: 5000)).message.count == 200)
  }

  @Test func whoMayTryAgainKnowsIt() {
    #expect(RedisError.server(RedisServerError(reply: "LOADING Redis is loading")).isUnavailability)
    #expect(!RedisError.server(RedisServerError(reply: "WRONGPASS invalid")).isUnavailability)
    #expect(RedisError.interrupted("x").isOutcomeUnknown && RedisError.deadlineExceeded.isOutcomeUnknown)
    #expect(!RedisError.connection("x").isOutcomeUnknown && RedisError.connection("x").isUnavailability)
  }
}
