import Auth
import Digests
import ServiceContract
import Testing

@Suite struct KeyRingTests {
  private static let now: Int64 = 1_793_491_200
  private static let fiveDays: Int64 = 5 * 86_400

  @Test func aNewKeyIsPublishedTenMinutesBeforeItSigns() throws {
    let first = try KeyRing([SigningKey(signsFrom: Self.now)])
    #expect(first.signing(at: Self.now - 1) == nil && first.signing(at: Self.now)?.id == first.keys[0].id)
    let ring = try first.rotated(at: Self.now + 1000)
    let (old, new) = (ring.keys[0], ring.keys[1])
    let turn = new.signsFrom
    #expect(turn - (Self.now + 1000) >= 600)
    for time in [Self.now + 1000, turn - 1] {
      #expect(ring.signing(at: time)?.id == old.id && ring.published(at: time).keys.map(\.id) == [old.id, new.id])
    }
    #expect(ring.state(of: new, at: turn - 1) == .waiting(until: turn))
    #expect(ring.state(of: old, at: turn - 1) == .signing)
    #expect(ring.signing(at: turn)?.id == new.id)
  }

  /// The last token is signed a second before the other key's turn, and a clock may be 30 s late.
  @Test func anOldKeyIsPublishedUntilItsLastTokenHasExpired() throws {
    let first = try KeyRing([SigningKey(signsFrom: Self.now)])
    let ring = try first.rotated(at: Self.now)
    let (old, new) = (ring.keys[0], ring.keys[1])
    let lastToken = TokenClaims(
      subject: 1, isManager: false, tokenID: "a", familyID: "b", issuedAtMs: new.signsFrom * 1000 - 1,
      expiresAt: new.signsFrom - 1 + Self.fiveDays)
    let signed = TokenSigner(old.key).sign(lastToken, as: .refresh)
    let end = lastToken.expiresAt + TokenVerifier.skewSeconds - 1
    #expect(try TokenVerifier(keys: ring.published(at: end)).verify(signed, as: .refresh, now: end) == lastToken)
    let over = new.signsFrom + Self.fiveDays + TokenVerifier.skewSeconds
    #expect(ring.state(of: old, at: over) == .retired(until: over))
    #expect(ring.state(of: old, at: over + 1) == .over)
    #expect(ring.published(at: over + 1).keys.map(\.id) == [new.id])
    let next = try ring.rotated(at: over + 1)
    #expect(next.keys.map(\.id).contains(old.id) == false && next.keys.count == 2)
  }

  @Test func oneKeyAtATimeWaits() throws {
    let ring = try KeyRing([SigningKey(signsFrom: 0)]).rotated(at: Self.now)
    #expect(throws: KeyRing.Problem.waiting(until: ring.keys[1].signsFrom)) { try ring.rotated(at: Self.now + 1) }
    let again = try ring.rotated(at: ring.keys[1].signsFrom)
    #expect(again.keys.count == 3)
  }

  @Test func ringsThatAreNone() throws {
    let key = SigningKey(signsFrom: 5)
    #expect(throws: KeyRing.Problem.empty) { try KeyRing([]) }
    #expect(throws: KeyRing.Problem.twice) { try KeyRing([key, SigningKey(key.key, signsFrom: 6)]) }
    #expect(throws: KeyRing.Problem.twice) { try KeyRing([key, SigningKey(signsFrom: 5)]) }
    #expect(throws: KeyRing.Problem.tooMany) { try KeyRing((0..<17).map { SigningKey(signsFrom: $0) }) }
    let sorted = try KeyRing([SigningKey(signsFrom: 9), key, SigningKey(signsFrom: 7)])
    #expect(sorted.keys.map(\.signsFrom) == [5, 7, 9])
  }
}
