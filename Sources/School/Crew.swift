import Blocking
import PlatformClient
import Synchronization

/// Some threads that go through many values, each of which is one thread's while it is worked on.
struct Crew: Sendable {
  let name: String
  let threads: Int
  /// Makes a thread's connection.
  let connection: @Sendable () -> PlatformConnection

  fileprivate struct State<Value> {
    var values: [Value]
    var taken = 0
    var failure: PlatformError?
  }

  /// Blocks until all were worked on, or one has failed.
  /// - Returns: the values as they are then.
  /// - Throws: the first failure.
  func work<Value: Sendable>(
    on values: [Value], _ body: @escaping @Sendable (inout Value, PlatformConnection) throws(PlatformError) -> Void
  ) throws(PlatformError) -> [Value] {
    let state = Shared(State(values: values))
    let crew = (0..<min(threads, values.count)).map { index in
      BlockingThread("\(name)-\(index)") { [connection] in
        let connection = connection()
        while let (place, value) = Self.next(state) {
          var value = value
          do throws(PlatformError) {
            try body(&value, connection)
            let result = value
            state.value.withLock { $0.values[place] = result }
          } catch {
            state.value.withLock { $0.failure = $0.failure ?? error }
          }
        }
      }
    }
    for thread in crew { thread.join() }
    let (result, failure) = state.value.withLock { ($0.values, $0.failure) }
    if let failure { throw failure }
    return result
  }

  private static func next<Value: Sendable>(_ state: Shared<State<Value>>) -> (place: Int, value: Value)? {
    state.value.withLock { state in
      guard state.failure == nil, state.taken < state.values.count else { return nil }
      defer { state.taken += 1 }
      return (state.taken, state.values[state.taken])
    }
  }

  /// A lock that several threads hold on to.
  private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
  }
}

extension Crew.State: Sendable where Value: Sendable {}
