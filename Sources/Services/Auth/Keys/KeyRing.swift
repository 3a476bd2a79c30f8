import ServiceContract

/// The keys of the auth service, and what each is good for at a given time: the rules alone. Times are seconds since 1970.
///
/// A key is published as soon as it is in the ring, at least ten minutes before it signs, so that whoever checks tokens knows
/// it by then; and until the last token that it signed has expired.
package struct KeyRing: Sendable {
  /// From the making of a key to its first signature: the ten minutes, and what a running service takes to see it.
  package static let leadSeconds: Int64 = 600 + 2 * 30

  package enum State: Sendable, Equatable {
    case waiting(until: Int64)
    case signing
    /// Signs no more; tokens of it may still be good.
    case retired(until: Int64)
    /// No token of it is good any more.
    case over
  }

  package enum Problem: Error, Sendable, Equatable, CustomStringConvertible {
    case empty, tooMany, twice
    /// A key already waits for its turn.
    case waiting(until: Int64)

    package var description: String {
      switch self {
      case .empty: "there is no key"
      case .tooMany: "there are more than \(JSONWebKeySet.mostKeys) keys"
      case .twice: "two keys are one, or would begin to sign at one time"
      case .waiting: "a new key already waits for its turn; rotate again when it signs"
      }
    }
  }

  /// From the first that signs to the last.
  package let keys: [SigningKey]

  package init(_ keys: [SigningKey]) throws(Problem) {
    guard !keys.isEmpty else { throw .empty }
    guard keys.count <= JSONWebKeySet.mostKeys else { throw .tooMany }
    guard Set(keys.map(\.id)).count == keys.count, Set(keys.map(\.signsFrom)).count == keys.count else { throw .twice }
    self.keys = keys.sorted { $0.signsFrom < $1.signsFrom }
  }

  /// The key that signs now; nil if all wait.
  package func signing(at now: Int64) -> SigningKey? { keys.last { $0.signsFrom <= now } }

  package func state(of key: SigningKey, at now: Int64) -> State {
    guard key.signsFrom <= now else { return .waiting(until: key.signsFrom) }
    guard let successor = keys.first(where: { $0.signsFrom > key.signsFrom }), successor.signsFrom <= now else {
      return .signing
    }
    let end = successor.signsFrom + TokenKind.refresh.lifetimeSeconds + TokenVerifier.skewSeconds
    return now <= end ? .retired(until: end) : .over
  }

  /// What is published: all but those that are over.
  package func published(at now: Int64) -> JSONWebKeySet {
    JSONWebKeySet(keys.filter { state(of: $0, at: now) != .over }.map(\.publicKey))
  }

  /// With a new key, which waits for its turn; without those that are over.
  package func rotated(at now: Int64) throws(Problem) -> KeyRing {
    for key in keys {
      if case .waiting(let until) = state(of: key, at: now) { throw .waiting(until: until) }
    }
    return try KeyRing(
      keys.filter { state(of: $0, at: now) != .over } + [SigningKey(signsFrom: now + Self.leadSeconds)])
  }
}
