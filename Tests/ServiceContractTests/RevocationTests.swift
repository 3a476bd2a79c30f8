import ServiceContract
import Testing

@Suite struct RevocationTests {
  private static let all: [(Revocation, key: String, value: String, message: String)] = [
    (.token(.access, id: "a-_9", expiresAt: 1_793_492_100), "bl:access:a-_9", "1", "access:a-_9:1793492100"),
    (.token(.refresh, id: "R", expiresAt: 0), "bl:refresh:R", "1", "refresh:R:0"),
    (.person(42, notBeforeMs: 1_793_491_200_123), "bl:user:42", "1793491200123", "user:42:1793491200123"),
  ]

  @Test func whatIsWrittenIsRead() {
    for (revocation, key, value, message) in Self.all {
      #expect(revocation.key == key && revocation.value == value && revocation.message == message)
      #expect(Revocation(message: message) == revocation)
      let expiresAt: Int64 = if case .token(_, _, let time) = revocation { time } else { 7 }
      #expect(Revocation(key: key, value: value, expiresAt: expiresAt) == revocation)
    }
  }

  @Test(arguments: [
    "", ":", "access", "access:a", "access:a:b", "access::1", "access:a:1:2", "access:a:-1", "access:a:01", "other:a:1",
    "access:a b:1", "user:0:1", "user:-1:1", "user:x:1", "user:1:", "user:1:x", "user:01:1", "refresh:*:1",
    "user:9223372036854775808:1", "access:a:99999999999999999999",
  ]) func whatIsNoMessageIsNot(message: String) { #expect(Revocation(message: message) == nil) }

  @Test(arguments: [
    ("bl:user:1", "x"), ("bl:user:1", ""), ("bl:user:1", "-5"), ("bl:access:a", "2"), ("bl:access:", "1"),
    ("bl:", "1"), ("access:a", "1"), ("xx:access:a", "1"), ("bl:other:1", "1"), ("sessions:since", "1"),
  ]) func whatIsNoKeyIsNot(key: String, value: String) {
    #expect(Revocation(key: key, value: value, expiresAt: 1) == nil)
  }

  @Test func theTimeOfIssue() {
    let claims = SampleTokens.claims
    #expect(claims.isIssued(before: claims.issuedAtMs + 1) && !claims.isIssued(before: claims.issuedAtMs))
  }
}
