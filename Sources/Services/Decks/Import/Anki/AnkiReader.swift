import AnkiPackage
import Blocking
import Digests
import HTTPService
import ServiceContract
import Synchronization

/// Reads packages beside the event loops: one at a time, and no more in memory than ``atOnce``.
final class AnkiReader: Sendable {
  /// Packages in memory at once, each with its bytes and all that is unpacked of it.
  static let atOnce = 2
  private static let waiting = 4

  static let refused = FailureDeclaration(
    .badRequest, "PACKAGE_REFUSED", "Nothing was imported: details say why the package cannot be read.")
  static let busy = FailureDeclaration(
    .serviceUnavailable, "IMPORTS_BUSY", "Others are importing packages at this moment: try again.")

  struct Reading: Sendable {
    let cards: AnkiCards
    /// Of the file, which tells it from others.
    let digest: [UInt8]
  }

  private let pool = BlockingPool("anki", threads: 1, queue: waiting) {}
  private let held = Mutex(0)

  deinit { pool.close() }

  /// Does something with a package in memory.
  /// - Throws: 503 at once while ``atOnce`` others do.
  func withRoom<Value>(_ body: () async throws -> Value) async throws -> Value {
    let hasRoom = held.withLock { held in
      guard held < Self.atOnce else { return false }
      held += 1
      return true
    }
    guard hasRoom else { throw Self.busy.failure(headers: [.retryAfter: "5"]) }
    defer { held.withLock { $0 -= 1 } }
    return try await body()
  }

  /// - Throws: 400 with the reason for a package that is refused, 503 or 504 when there is no time for it.
  func read(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) async throws -> Reading {
    let result: Result<Reading, AnkiPackageError>
    do throws(PoolRefusal) {
      result = try await pool.run(until: deadline) { _, cancellation in
        Result { () throws(AnkiPackageError) in try Self.read(bytes, until: deadline, cancellation) }
      }
    } catch {
      switch error {
      case .deadlineExceeded: throw RequestDeadline.exceeded.failure()
      case .overloaded, .closed: throw Self.busy.failure(headers: [.retryAfter: "5"])
      case .cancelled: throw CancellationError()
      }
    }
    do throws(AnkiPackageError) { return try result.get() } catch {
      switch error {
      case .cancelled: throw CancellationError()
      case .deadlineExceeded: throw RequestDeadline.exceeded.failure()
      default:
        throw RequestFailure(
          Self.refused.status, code: Self.refused.code, message: Self.refused.meaning,
          details: [Problem("", error.description)])
      }
    }
  }

  private static func read(
    _ bytes: [UInt8], until deadline: ContinuousClock.Instant, _ cancellation: CancellationFlag
  ) throws(AnkiPackageError) -> Reading {
    var limits = AnkiLimits()
    limits.fileBytes = ImageType.largestBytes
    limits.notes = DeckLimits.cards
    let cards = try bytes.withUnsafeBytes { bytes in
      Result { () throws(AnkiPackageError) in
        try AnkiCards(AnkiPackage(bytes, limits, until: deadline, cancellation: cancellation))
      }
    }.get()
    return Reading(cards: cards, digest: Digest.sha256.bytes(of: bytes))
  }
}
