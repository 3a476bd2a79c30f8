import Redis
import Testing

@Suite struct RedisConfigurationTests {
  private func read(_ url: String) throws -> RedisConfiguration { try RedisConfiguration(url: url) }

  private func refusal(_ url: String) -> InvalidRedisConfiguration? {
    do throws(InvalidRedisConfiguration) {
      _ = try RedisConfiguration(url: url)
      return nil
    } catch { return error }
  }

  @Test func wholeAndShort() throws {
    let whole = try read("redis://cards:s3cr%3At%40%2F%C3%A9@redis.internal:6378/3")
    #expect(whole.host == "redis.internal" && whole.port == 6378 && whole.database == 3)
    #expect(whole.user == "cards" && whole.password == "s3cr:t@/é")
    let short = try read("redis://localhost")
    #expect(short.host == "localhost" && short.port == 6379 && short.database == 0)
    #expect(short.user == nil && short.password == nil)
    let old = try read("redis://:pw@10.0.0.1:1/")
    #expect(old.user == nil && old.password == "pw" && old.port == 1)
    let six = try read("redis://[::1]:6378/0")
    #expect(six.host == "::1" && six.port == 6378)
    #expect(try read("redis://[fe80::1]").port == 6379)
  }

  @Test func aPasswordMayHoldAnAt() throws {
    let configuration = try read("redis://u:p@ss@h:1")
    #expect(configuration.password == "p@ss" && configuration.host == "h")
  }

  @Test(
    arguments: [
      ("", .scheme), ("http://localhost", .scheme), ("REDIS://localhost", .scheme), ("localhost:6379", .scheme),
      ("rediss://localhost", .tls), ("redis://", .host), ("redis://:6379", .host), ("redis:///0", .host),
      ("redis://h:", .port), ("redis://h:0", .port), ("redis://h:65536", .port), ("redis://h:+1", .port),
      ("redis://h:1x", .port), ("redis://h:99999999999999999999", .port), ("redis://[::1", .host),
      ("redis://[::1]x", .host), ("redis://::1:6379", .host), ("redis://h/x", .database), ("redis://h/-1", .database),
      ("redis://h/1/2", .database), ("redis://h/65536", .database), ("redis://h?db=1", .parts),
      ("redis://h#1", .parts), ("redis://secret@h", .credentials), ("redis://u:@h", .credentials),
      ("redis://u:%zz@h", .credentials), ("redis://u:%2@h", .credentials), ("redis://u:%+1@h", .credentials),
      ("redis://u:%-0@h", .credentials),
      ("redis://u:%ff@h", .credentials), ("redis://u:p q@h", .characters), ("redis://h\r\n", .characters),
      ("redis://h\u{0}", .characters), ("redis://hé", .host),
    ] as [(String, InvalidRedisConfiguration)])
  func refused(_ url: String, _ expected: InvalidRedisConfiguration) {
    #expect(refusal(url) == expected, "\(url.debugDescription)")
  }

  @Test func nothingPrintsAPasswordOrAnAddress() throws {
    let configuration = try read("redis://user:pass-w0rd@secret-host:6378/1")
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(!text.contains("pass-w0rd") && !text.contains("secret-host") && !text.contains("user"), "\(text)")
    }
    for refused in ["redis://pass-w0rd@h", "redis://u:pass-w0rd%@h", "x://u:pass-w0rd@h", "redis://u:pass-w0rd@h:0"] {
      #expect(refusal(refused).map { "\($0)".contains("w0rd") } == false)
    }
  }
}
