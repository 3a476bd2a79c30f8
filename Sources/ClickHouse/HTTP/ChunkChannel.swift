import Blocking
import Dispatch
import Synchronization

/// Carries an answer from the thread that receives it to the task that reads it. Bounded: the thread waits while the
/// reader is behind by more than `limit` bytes. One producer, one consumer.
final class ChunkChannel: Sendable {
  private struct State {
    var chunks: [[UInt8]] = []
    var bytes = 0
    var result: Result<Void, ClickHouseError>?
    var reader: CheckedContinuation<Result<[UInt8]?, ClickHouseError>, Never>?
    var producerWaits = false
    var isAbandoned = false
  }

  let cancellation = CancellationFlag()
  private let limit: Int
  private let deadline: ContinuousClock.Instant
  private let state = Mutex(State())
  private let space = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - limit: how many bytes the reader may be behind.
  ///   - deadline: until when the producer waits for it.
  init(limit: Int, deadline: ContinuousClock.Instant) {
    self.limit = limit
    self.deadline = deadline
  }

  // MARK: The producing thread

  /// Hands over a chunk, waiting for room; false if nobody wants more, or not in time.
  func send(_ chunk: [UInt8]) -> Bool {
    while true {
      let (reader, sent, abandoned): (CheckedContinuation<Result<[UInt8]?, ClickHouseError>, Never>?, Bool, Bool) =
        state.withLock { state in
          if state.isAbandoned { return (nil, false, true) }
          if let reader = state.reader {
            state.reader = nil
            return (reader, true, false)
          }
          if state.bytes >= limit {
            state.producerWaits = true
            return (nil, false, false)
          }
          state.chunks.append(chunk)
          state.bytes += chunk.count
          return (nil, true, false)
        }
      if abandoned { return false }
      reader?.resume(returning: .success(chunk))
      if sent { return true }
      let left = max(0, (deadline - .now) / .seconds(1))
      if space.wait(timeout: .now() + left) == .timedOut { return false }
    }
  }

  /// Ends the answer; the reader gets what was sent before, then this.
  func finish(_ result: Result<Void, ClickHouseError>) {
    let reader = state.withLock { state in
      if state.result == nil { state.result = result }
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: result.map { nil })
  }

  // MARK: The reading task

  /// The next chunk, nil at the end. When the task is cancelled the request is too, and this throws `.cancelled`.
  func next() async throws(ClickHouseError) -> [UInt8]? {
    try await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (ready, freed): (Result<[UInt8]?, ClickHouseError>?, Bool) = state.withLock { state in
          if state.isAbandoned { return (.failure(.cancelled), false) }
          if !state.chunks.isEmpty {
            let chunk = state.chunks.removeFirst()
            state.bytes -= chunk.count
            defer { state.producerWaits = false }
            return (.success(chunk), state.producerWaits)
          }
          if let result = state.result { return (result.map { nil }, false) }
          precondition(state.reader == nil, "an answer is read by two tasks at once")
          state.reader = continuation
          return (nil, false)
        }
        if freed { space.signal() }
        if let ready { continuation.resume(returning: ready) }
      }
    } onCancel: {
      abandon()
    }.get()
  }

  /// The reader wants no more: frees the producer and ends the request.
  func abandon() {
    cancellation.raise()
    let reader = state.withLock { state in
      state.isAbandoned = true
      state.chunks = []
      defer { state.reader = nil }
      return state.reader
    }
    space.signal()
    reader?.resume(returning: .failure(.cancelled))
  }
}
