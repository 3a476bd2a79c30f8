import JSON
import Logging
import ServiceContract
import Synchronization
import Telemetry

/// What the decks service knows of decks, asked in one call and kept for a while.
///
/// While it is away what was read within ten minutes still holds, and else nothing is known: courses do without titles, but
/// are there. Nobody waits for it longer than a second, and where it did not answer nobody asks again for one.
final class DeckDirectory: Sendable {
  private static let fresh = Duration.seconds(30)
  private static let kept = Duration.seconds(600)
  private static let patience = Duration.seconds(1)
  /// As many as the decks service takes.
  private static let atOnce = 500
  private static let limit = 10_000

  /// What was said of one; nil: there is none.
  private struct Entry {
    let deck: KnownDeck?
    let read: ContinuousClock.Instant
  }

  private struct State {
    var entries: [Int64: Entry] = [:]
    var silentUntil: ContinuousClock.Instant?
  }

  private let service: ServiceClient
  private let failures: Counter
  private let log: Logger
  private let state = Mutex(State())

  /// - Parameter failures: counts calls that led to nothing.
  init(_ service: ServiceClient, failures: Counter, log: Logger) {
    self.service = service
    self.failures = failures
    self.log = log
  }

  /// Those that there are, as far as it is known; by id. Never fails.
  func decks(_ ids: [Int64], for context: CallContext) async -> [Int64: KnownDeck] {
    let now = ContinuousClock.now
    let (unread, isSilent) = state.withLock { state in
      (
        ids.filter { id in state.entries[id].map { now - $0.read >= Self.fresh } ?? true },
        state.silentUntil.map { now < $0 } ?? false
      )
    }
    if !unread.isEmpty, !isSilent {
      do {
        _ = try await read(unread, within: Self.patience, for: context)
      } catch {
        failures.increment()
        state.withLock { $0.silentUntil = .now + Self.patience }
        log.warning("decks are not known for now", metadata: ["error": "\(error)"])
      }
    }
    return state.withLock { state in
      var known: [Int64: KnownDeck] = [:]
      for id in ids {
        guard let entry = state.entries[id], now - entry.read < Self.kept else { continue }
        known[id] = entry.deck
      }
      return known
    }
  }

  /// Those that there are now; by id.
  /// - Throws: `ServiceCallError`, `RequestFailure`: without the decks service this cannot be said.
  func current(_ ids: [Int64], for context: CallContext) async throws -> [Int64: KnownDeck] {
    try await read(ids, within: nil, for: context)
  }

  private func read(
    _ ids: [Int64], within patience: Duration?, for context: CallContext
  ) async throws -> [Int64: KnownDeck] {
    var found: [Int64: KnownDeck] = [:]
    let ids = Set(ids).sorted()
    for start in stride(from: 0, to: ids.count, by: Self.atOnce) {
      let part = ids[start..<min(start + Self.atOnce, ids.count)].map { JSONValue.number("\($0)") }
      let body = JSONValue.members([("deck_ids", .array(part)), ("cards", .bool(false))])
      let answer = try await service.send(
        .post, "/api/internal/decks", body: Array(body.text.utf8), context: context, within: patience)
      for element in try answer.list() {
        let deck = try KnownDeck(element)
        found[deck.id] = deck
      }
    }
    keep(found, of: ids)
    return found
  }

  private func keep(_ found: [Int64: KnownDeck], of ids: [Int64]) {
    let now = ContinuousClock.now
    state.withLock { state in
      if state.entries.count + ids.count > Self.limit { state.entries = [:] }
      for id in ids { state.entries[id] = Entry(deck: found[id], read: now) }
      state.silentUntil = nil
    }
  }
}
