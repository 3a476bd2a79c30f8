import Blocking
import Foundation

/// Hashes and verifies passwords on threads of its own, never on an event loop; more than 50 that wait are refused at once.
/// `close` ends it.
package final class PasswordHasher: Sendable {
  package static let mostWaiting = 50

  package enum Verdict: Sendable, Equatable {
    /// `rehashed`: of today's cost, to be stored instead of one that was weaker.
    case right(rehashed: PasswordHash?)
    /// Wrong, or there is no such user.
    case wrong
  }

  private let pool: BlockingPool<Argon2id>
  private let unmatchable: PasswordHash

  package init() {
    let threads = Self.threads(cores: ProcessInfo.processInfo.activeProcessorCount)
    pool = BlockingPool("passwords", threads: threads, queue: Self.mostWaiting) {
      HashingPriority.assume()
      return Argon2id()
    }
    unmatchable = .unmatchable()
  }

  /// Two, but never all cores: where there are logins without end, others find one that is free.
  package static func threads(cores: Int) -> Int { max(1, min(2, cores - 1)) }

  /// What it does and has refused, for metrics.
  package var load: PoolLoad { pool.load }

  /// A hash to store.
  package func hash(
    _ password: Password, until deadline: ContinuousClock.Instant
  ) async throws(PasswordHasherError) -> PasswordHash {
    let hash = try await run(until: deadline) { $0.hash(password) }
    guard let hash else { throw .noMemory }
    return hash
  }

  /// Whether the password is that of the user. One who does not exist (nil) costs as much as a wrong password.
  package func verify(
    _ password: Password, against stored: PasswordHash?, until deadline: ContinuousClock.Instant
  ) async throws(PasswordHasherError) -> Verdict {
    let hash = stored ?? unmatchable
    let verdict: Verdict? = try await run(until: deadline) { argon in
      guard let isRight = argon.matches(password, hash) else { return nil }
      // Without memory for it the hash is renewed at another login.
      return isRight ? .right(rehashed: hash.isWeak ? argon.hash(password) : nil) : .wrong
    }
    guard let verdict else { throw .noMemory }
    return verdict
  }

  package func close() { pool.close() }

  private func run<Value: Sendable>(
    until deadline: ContinuousClock.Instant, _ work: @escaping @Sendable (Argon2id) -> Value
  ) async throws(PasswordHasherError) -> Value {
    do throws(PoolRefusal) {
      return try await pool.run(until: deadline) { argon, _ in work(argon) }
    } catch { throw .refused(error) }
  }
}

package enum PasswordHasherError: Error, Equatable, CustomStringConvertible {
  /// Nothing was computed; `overloaded` says when to try again.
  case refused(PoolRefusal)
  case noMemory

  package var description: String {
    switch self {
    case .refused(.overloaded(let wait)): "too many logins at once; try again in \(wait.components.seconds) s"
    case .refused(.deadlineExceeded): "the password could not be checked in time"
    case .refused(.cancelled): "the request was withdrawn"
    case .refused(.closed): "the service is stopping"
    case .noMemory: "there is no memory to hash a password (9 MiB)"
    }
  }
}
