import Gateway
import HTTPService
import NIOHTTP1
import Settings
import Testing

@Suite struct RateLimiterTests {
  private static let second: Int64 = 1_000_000_000
  private let policy = RateLimitPolicy(requests: 10, window: .seconds(60))

  @Test func soManyAndThenOneByOne() {
    var limiter = RateLimiter(policy)
    let key = ClientKey.person(1)
    let first = limiter.take(key, 0)
    #expect(first.isAllowed && first.remaining == 9 && first.resetSeconds == 6 && first.retryAfterSeconds == 0)
    for left in (0..<9).reversed() { #expect(limiter.take(key, 0).remaining == left) }
    let refused = limiter.take(key, 0)
    #expect(
      !refused.isAllowed && refused.remaining == 0 && refused.retryAfterSeconds == 6 && refused.resetSeconds == 60)
    #expect(!limiter.take(key, 6 * Self.second - 1).isAllowed)
    #expect(limiter.take(key, 6 * Self.second).isAllowed)
    #expect(!limiter.take(key, 6 * Self.second).isAllowed, "one has come back, not two")
    #expect(limiter.take(key, 1000 * Self.second).remaining == 9)
  }

  @Test func eachClientHasItsOwn() throws {
    var limiter = RateLimiter(policy)
    for _ in 0..<10 { #expect(limiter.take(.person(1), 0).isAllowed) }
    #expect(!limiter.take(.person(1), 0).isAllowed)
    #expect(limiter.take(.person(2), 0).isAllowed)
    #expect(limiter.take(.address(try #require(ClientAddress(text: "192.0.2.1"))), 0).isAllowed)
  }

  @Test func itsMemoryIsBounded() {
    var limiter = RateLimiter(policy, mostClients: 100)
    for number in 0..<1000 { _ = limiter.take(.person(Int64(number)), 0) }
    #expect(limiter.clients <= 101)
    // Who is known is still counted alone; the others share what is left.
    #expect(limiter.take(.person(5), 0).remaining == 8)
    #expect(!limiter.take(.person(2000), 0).isAllowed)
    // And later they are forgotten.
    #expect(limiter.take(.person(3000), 100 * Self.second).remaining == 9)
    #expect(limiter.clients <= 2)
  }

  @Test func headersAreThoseOfTheDraft() {
    #expect(policy.header == "\"default\";q=10;w=60")
    var limiter = RateLimiter(policy)
    #expect(limiter.take(.person(1), 0).header == "\"default\";r=9;t=6")
  }

  @Test func originsAreExact() throws {
    let cors = try CORSPolicy(origins: ["https://cards.example", "http://localhost:3000"])
    var headers: HTTPHeaders = [:]
    cors.add(to: &headers, origin: "https://cards.example")
    #expect(headers["Access-Control-Allow-Origin"] == ["https://cards.example"])
    #expect(headers["Access-Control-Allow-Credentials"] == ["true"] && headers["Vary"] == ["Origin"])
    for name in ["X-Next-Cursor", "ETag", "Retry-After", "RateLimit"] {
      #expect(headers.first(name: "Access-Control-Expose-Headers")?.contains(name) == true)
    }
    for stranger in ["https://cards.example.evil", "http://cards.example", "https://cards.example:444", "null", "*"] {
      var headers: HTTPHeaders = [:]
      cors.add(to: &headers, origin: stranger)
      #expect(headers["Access-Control-Allow-Origin"] == [] && headers["Vary"] == ["Origin"])
      #expect(throws: RequestFailure.self) { _ = try cors.preflight(origin: stranger) }
    }
    #expect(try cors.preflight(origin: "http://localhost:3000")["Access-Control-Allow-Methods"] != [])
    for wrong in [
      "*", "cards.example", "https://cards.example/", "https://*.example", "https://", "HTTPS://Cards.example",
    ] {
      #expect(throws: SettingError.self) { _ = try CORSPolicy(origins: [wrong]) }
    }
  }
}
