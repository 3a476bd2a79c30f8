import Gateway
import ServiceContract
import Settings
import Testing

@Suite struct TokenTests {
  private func key(_ number: Int) -> TokenCache<Int>.Key {
    .init((0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) })
  }

  @Test func whatIsInUseStaysInTheCache() {
    var cache = TokenCache<Int>(capacity: 100)
    cache.insert(-1, key(-1))
    for number in 0..<1000 {
      cache.insert(number, key(number))
      #expect(cache.value(key(-1)) == -1)
      #expect(cache.count <= 100)
    }
    #expect(cache.value(key(999)) == 999 && cache.value(key(0)) == nil)
    cache.remove(key(999))
    #expect(cache.value(key(999)) == nil)
  }

  private func claims(_ person: Int64 = 7, id: String = "a", issuedAtMs: Int64 = 10_000) -> TokenClaims {
    TokenClaims(
      subject: person, isManager: false, tokenID: id, familyID: "f", issuedAtMs: issuedAtMs,
      expiresAt: issuedAtMs / 1000 + 900)
  }

  /// Subscribed, read, marker known at 0.
  private func known() -> RevocationKnowledge {
    var knowledge = RevocationKnowledge()
    knowledge.markerRead(5_000, 0)
    knowledge.readCompletely(0)
    return knowledge
  }

  @Test func nothingIsBelievedBeforeAllIsKnown() {
    var knowledge = RevocationKnowledge()
    #expect(knowledge.verdict(claims(), 0) == .unknown)
    knowledge.readCompletely(0)
    #expect(knowledge.verdict(claims(), 0) == .unknown, "the marker is not known")
    knowledge.markerRead(5_000, 0)
    #expect(knowledge.verdict(claims(), 0) == .live)
    var other = RevocationKnowledge()
    other.markerRead(5_000, 0)
    other.aliveHeard(0)
    #expect(other.verdict(claims(), 0) == .unknown, "not all has been read")
  }

  @Test func aTokenAPersonAndAllBeforeTheMarker() {
    var knowledge = known()
    knowledge.add(.token(.access, id: "a", expiresAt: 900), nowSeconds: 10)
    knowledge.add(.token(.refresh, id: "r", expiresAt: 900), nowSeconds: 10)
    knowledge.add(.person(8, notBeforeMs: 20_001), nowSeconds: 10)
    #expect(knowledge.verdict(claims(), 0) == .revoked)
    #expect(knowledge.verdict(claims(id: "r"), 0) == .live, "a refresh token's id is another's")
    #expect(knowledge.verdict(claims(8, id: "b", issuedAtMs: 20_000), 0) == .revoked)
    #expect(
      knowledge.verdict(claims(8, id: "b", issuedAtMs: 20_001), 0) == .live, "the new pair of who logged out everywhere"
    )
    #expect(knowledge.verdict(claims(9, id: "c", issuedAtMs: 4_999), 0) == .revoked)
    #expect(knowledge.verdict(claims(9, id: "c", issuedAtMs: 5_000), 0) == .live)
    // An earlier not-before that comes later takes nothing back, nor does an earlier marker.
    knowledge.add(.person(8, notBeforeMs: 1), nowSeconds: 10)
    knowledge.markerRead(1, 0)
    #expect(knowledge.verdict(claims(8, id: "b", issuedAtMs: 20_000), 0) == .revoked)
    #expect(knowledge.verdict(claims(9, id: "c", issuedAtMs: 4_999), 0) == .revoked)
  }

  @Test func silenceOfTwoSecondsIsTooLong() {
    var knowledge = known()
    #expect(knowledge.verdict(claims(), 2_000) == .live)
    #expect(knowledge.verdict(claims(), 2_001) == .unknown)
    knowledge.aliveHeard(2_500)
    #expect(knowledge.verdict(claims(), 2_500) == .unknown, "the marker is as old")
    knowledge.markerRead(5_000, 2_500)
    #expect(knowledge.verdict(claims(), 2_500) == .live)
    knowledge.markerRead(5_000, 5_000)
    #expect(knowledge.verdict(claims(), 5_000) == .unknown)
    // Also for what is known to be revoked: a 401 ends a session, and Redis is away.
    knowledge.add(.token(.access, id: "a", expiresAt: 900), nowSeconds: 10)
    #expect(knowledge.verdict(claims(), 5_000) == .unknown)
  }

  @Test func aGapMakesItIncompleteAndForgetsNothing() {
    var knowledge = known()
    knowledge.add(.token(.access, id: "a", expiresAt: 900), nowSeconds: 10)
    knowledge.gapBegan()
    knowledge.aliveHeard(1)
    #expect(knowledge.verdict(claims(id: "b"), 1) == .unknown)
    knowledge.readCompletely(2)
    #expect(knowledge.verdict(claims(id: "b"), 2) == .live)
    #expect(knowledge.verdict(claims(), 2) == .revoked, "Redis has lost it; we have not")
  }

  @Test func whatHasExpiredIsForgotten() {
    var knowledge = known()
    knowledge.add(.token(.access, id: "a", expiresAt: 100), nowSeconds: 10)
    knowledge.add(.token(.access, id: "far", expiresAt: .max / 2), nowSeconds: 10)
    knowledge.add(.person(8, notBeforeMs: 20_000), nowSeconds: 10)
    knowledge.prune(nowSeconds: 130)
    #expect(knowledge.count == 3)
    knowledge.prune(nowSeconds: 131)
    #expect(knowledge.count == 2)
    knowledge.prune(nowSeconds: 10 + 900 + 61)
    #expect(knowledge.count == 1, "no access token lives longer than that, whatever was published")
    knowledge.prune(nowSeconds: 10 + RevocationKeys.personSeconds + 1)
    #expect(knowledge.count == 0)
  }

  @Test func anUnknownKeyIsAskedForTwiceAMinuteAtMost() {
    var forced = ForcedFetch()
    let now = ContinuousClock.now
    #expect(forced.take(now) && !forced.take(now) && !forced.take(now + .milliseconds(29_999)))
    #expect(forced.take(now + .seconds(30)) && !forced.take(now + .seconds(31)))
  }

  @Test func idsAreWellFormedAndDiffer() {
    var source = IdentifierSource()
    var seen: Set<String> = []
    for _ in 0..<1000 {
      let id = source.requestID()
      #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil)
      let trace = source.traceParent()
      #expect(TraceParent(trace) != nil, "\(trace)")
      seen.formUnion([id, trace])
    }
    #expect(seen.count == 2000)
  }

  @Test(arguments: ["https://auth:8005", "http://auth:8005/api", "http://auth?x", "auth:8005", "http://u@auth", ""])
  func anUpstreamIsAnHTTPAddress(_ url: String) {
    #expect(throws: SettingError.self) { _ = try UpstreamAddress(url, setting: "AUTH_URL") }
  }

  @Test func addressesOfUpstreams() throws {
    #expect(try UpstreamAddress("http://localhost:8005/", setting: "x").authority == "localhost:8005")
    #expect(try UpstreamAddress("http://[::1]:80", setting: "x").authority == "[::1]:80")
  }
}
