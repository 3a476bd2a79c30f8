import Gateway
import Settings
import Testing

@Suite struct ClientAddressTests {
  @Test(
    arguments: [
      ("192.0.2.1", "192.0.2.1"), (" 192.0.2.1\t", "192.0.2.1"), ("192.0.2.1:8080", "192.0.2.1"),
      ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"),
      ("[2001:DB8:0:0::1]", "2001:db8::1"), ("::1", "::1"),
    ])
  func addressesAreRead(_ text: String, _ shown: String) throws {
    #expect(try #require(ClientAddress(text: text)).description == shown)
  }

  @Test(
    arguments: [
      "", "unknown", "192.0.2", "192.0.2.256", "1.2.3.4:x", "1.2.3.4:123456", "[::1", "[::1]x", "::1%eth0", "a b",
      "_hidden",
    ])
  func whatIsNoneIsNone(_ text: String) {
    #expect(ClientAddress(text: text) == nil)
  }

  private func client(_ proxies: [String], peer: String, _ forwarded: [String]) throws -> String {
    let peer = try #require(ClientAddress(text: peer))
    return try TrustedProxies(proxies).client(peer: peer, forwardedFor: forwarded).description
  }

  @Test func theClientIsTheLastOneThatIsNoProxy() throws {
    let proxies = ["10.0.0.0/8", "::1"]
    #expect(try client(proxies, peer: "198.51.100.7", ["203.0.113.9"]) == "198.51.100.7", "a stranger is not believed")
    #expect(try client([], peer: "10.0.0.1", ["203.0.113.9"]) == "10.0.0.1", "nobody is")
    #expect(try client(proxies, peer: "10.0.0.1", []) == "10.0.0.1")
    #expect(try client(proxies, peer: "10.0.0.1", ["203.0.113.9"]) == "203.0.113.9")
    #expect(
      try client(proxies, peer: "10.0.0.1", ["1.1.1.1, 203.0.113.9, 10.2.3.4"]) == "203.0.113.9",
      "what stands before is hearsay")
    #expect(
      try client(proxies, peer: "::1", ["1.1.1.1", "203.0.113.9"]) == "203.0.113.9", "several lines are one list")
    #expect(try client(proxies, peer: "10.0.0.1", ["1.1.1.1, nonsense"]) == "10.0.0.1")
    #expect(try client(proxies, peer: "::ffff:10.0.0.1", ["2001:db8::7"]) == "2001:db8::7")
  }

  @Test(arguments: ["10.0.0.0/33", "10.0.0/8", "x", "::1/129", "10.0.0.0/-1", "10.0.0.0/", "[::1]", "10.0.0.0/8/8"])
  func aListThatCannotBeReadEndsTheStart(_ item: String) {
    #expect(throws: SettingError.self) { _ = try TrustedProxies(["127.0.0.1", item]) }
  }

  @Test func ofIPv6TheNetworkCounts() throws {
    let (one, other) = (
      try #require(ClientAddress(text: "2001:db8::1")), try #require(ClientAddress(text: "2001:db8::ffff:1"))
    )
    #expect(one.client == other.client)
    #expect(try #require(ClientAddress(text: "2001:db8:0:1::1")).client != one.client)
    let four = try #require(ClientAddress(text: "192.0.2.1"))
    #expect(four.client == four)
  }
}
