import Auth
import Testing

@Suite struct ClientAddressTests {
  private func text(_ header: String?, peer: String? = "10.0.0.1") -> String {
    ClientAddress(forwardedFor: header, peer: peer).text
  }

  @Test func whereItComesFrom() {
    #expect(text(nil) == "10.0.0.1" && text(nil, peer: nil) == "unknown")
    #expect(text("192.0.2.7") == "192.0.2.7")
    // The gateway's peer, a proxy it trusts, is last; before it the proxy has put who asked it.
    #expect(text("192.0.2.7, 10.0.0.9") == "192.0.2.7")
    #expect(text("6.6.6.6, 192.0.2.7, 10.0.0.9") == "192.0.2.7", "what the client says of itself")
    #expect(text("2001:db8::1,10.0.0.9") == "2001:db8::1")
  }

  /// It becomes part of a key, and is shown.
  @Test(arguments: [
    "", ",", "localhost", "192.0.2.256", "1.2.3", "192.0.2.7:80", "[::1]", "a\r\nb", "login:account:x",
    String(repeating: "1", count: 100), "fe80::1%eth0",
  ]) func whatIsNoAddressIsUnknown(header: String) {
    #expect(text(header) == (header.isEmpty || header == "," ? "10.0.0.1" : "unknown"))
  }

  @Test func whatCountsAsOne() {
    func network(_ text: String) -> String { ClientAddress(forwardedFor: text, peer: nil).network }
    #expect(network("192.0.2.7") == "192.0.2.7" && network("::ffff:192.0.2.7") == "192.0.2.7")
    #expect(network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff:1:2:3"))
    #expect(network("2001:db8:1:2::1") != network("2001:db8:1:3::1"))
    #expect(network("junk") == "unknown")
  }
}
