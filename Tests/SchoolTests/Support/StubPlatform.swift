import LoadGenerator
import School
import Synchronization

/// The platform as far as learners see it, in memory: what it promises in a few lines, and the events that it would cause. It
/// can lose answers, refuse, and fail, by its seed.
final class StubPlatform: Sendable {
  struct Faults: Sendable {
    /// How likely a call is not heard, is done and its answer lost, or is refused for now.
    var unheard = 0.0
    var unanswered = 0.0
    var refused = 0.0
  }

  struct State: Sendable {
    struct Person: Sendable { var id: Int64, email: String, password: String, isManager = false }
    struct Deck: Sendable { var id: Int64, owner: Int64, title: String, about: String, cards: [Int64] = [] }
    struct Session: Sendable { var id: Int64, owner: Int64, deck: Int64, asked: [Int64] = [], hasEnded = false }

    var lastID: Int64 = 0
    var people: [Person] = []
    var decks: [Deck] = []
    var sessions: [Int64: Session] = [:]
    var answers: [String: String] = [:]
    var results: [String: String] = [:]
    var events: [EventKey: Int] = [:]
    var calls: [String: Int] = [:]
    /// What was said in each person's name, by his address: path, time and body.
    var deeds: [String: [String]] = [:]
    var images = 0

    mutating func newID() -> Int64 {
      lastID += 1
      return lastID
    }

    mutating func emit(_ key: EventKey) { events[key, default: 0] += 1 }
  }

  private let state = Mutex(State())
  private let faults: Faults
  private let random: Mutex<SeededGenerator>
  private let server = Mutex<StubServer?>(nil)

  init(_ faults: Faults = Faults(), seed: UInt64 = 1) {
    self.faults = faults
    random = Mutex(SeededGenerator(seed: seed))
    let server = StubServer { [unowned self] in answer($0) }
    self.server.withLock { $0 = server }
  }

  var url: String { server.withLock { $0?.url ?? "" } }
  func stop() { server.withLock { $0?.stop() } }
  func read<Value: Sendable>(_ body: (State) -> Value) -> Value { state.withLock { body($0) } }

  /// Goes on with what another holds.
  func take(_ other: StubPlatform) {
    let theirs = other.read { $0 }
    state.withLock { $0 = theirs }
  }

  /// A manager, as `kartoteka users add-manager` would make him.
  func addManager(_ email: String, _ password: String) {
    state.withLock {
      $0.people.append(.init(id: $0.newID(), email: email, password: password, isManager: true))
    }
  }

  private func answer(_ request: StubRequest) -> StubAnswer? {
    let dice = random.withLock { $0.unit() }
    if dice < faults.unheard { return nil }
    if dice < faults.unheard + faults.refused {
      return (dice < faults.unheard + faults.refused / 2 ? 429 : 503, #"{"error":{"code":"BUSY","message":"later"}}"#)
    }
    let answer = state.withLock { StubRoutes.answer(request, &$0, url: url) }
    return dice > 1 - faults.unanswered ? nil : answer
  }
}
