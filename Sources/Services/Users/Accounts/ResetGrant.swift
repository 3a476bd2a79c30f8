import CivilTime

/// That somebody may set a new password with a code: once, within a day. The code itself is not kept.
package struct ResetGrant: Sendable, Equatable {
  package static let lifetimeMs = Instant.millisecondsPerDay

  package enum Refusal: Error, Sendable, Equatable {
    case wrongCode
    case expired
    case alreadyUsed
  }

  /// SHA-256 of the code, 32 bytes.
  package let digest: [UInt8]
  package let expiresAt: Instant
  package private(set) var usedAt: Instant?

  package init(for code: ResetCode, at now: Instant) {
    digest = code.digest
    expiresAt = now.adding(milliseconds: Self.lifetimeMs)
    usedAt = nil
  }

  /// As it was stored.
  package init(digest: [UInt8], expiresAt: Instant, usedAt: Instant?) {
    self.digest = digest
    self.expiresAt = expiresAt
    self.usedAt = usedAt
  }

  /// Takes the code, and is used up by it. Who does not know the code learns nothing of the grant's state.
  package mutating func redeem(_ code: ResetCode, at now: Instant) throws(Refusal) {
    guard Sodium.areEqual(code.digest, digest) else { throw .wrongCode }
    guard usedAt == nil else { throw .alreadyUsed }
    guard now < expiresAt else { throw .expired }
    usedAt = now
  }
}
