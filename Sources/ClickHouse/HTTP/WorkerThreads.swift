import Dispatch
import Glibc
import Synchronization

/// A bounded set of operating system threads that each own a connection, fed from a bounded queue. Blocking calls
/// happen here and nowhere on Swift's cooperative pool. Threads start when there is work for them and end with `close`.
final class WorkerThreads: Sendable {
  typealias Job = @Sendable (ClickHouseConnection?) -> Void

  private struct State {
    var jobs: [(ticket: UInt64, job: Job)] = []
    var nextTicket: UInt64 = 0
    var threads = 0
    var idle = 0
    var isClosed = false
  }

  private let configuration: ClickHouseConfiguration
  private let threadLimit: Int
  private let queueLimit: Int
  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)

  init(_ configuration: ClickHouseConfiguration, threads: Int, queue: Int) {
    self.configuration = configuration
    threadLimit = max(1, threads)
    queueLimit = max(1, queue)
  }

  enum Refusal: Error {
    case full(limit: Int)
    case closed
  }

  /// Queues a job; it is called once, with a connection, or with nil if it is withdrawn or the threads are closed
  /// before its turn. Returns a ticket to withdraw it by.
  func submit(_ job: @escaping Job) -> Result<UInt64, Refusal> {
    let (result, start): (Result<UInt64, Refusal>, Bool) = state.withLock { state in
      if state.isClosed { return (.failure(.closed), false) }
      if state.jobs.count >= queueLimit { return (.failure(.full(limit: queueLimit)), false) }
      state.nextTicket += 1
      state.jobs.append((state.nextTicket, job))
      let start = state.idle < state.jobs.count && state.threads < threadLimit
      if start { state.threads += 1 }
      return (.success(state.nextTicket), start)
    }
    guard case .success = result else { return result }
    if start { startThread() }
    wake.signal()
    return result
  }

  /// Takes a job that still waits out of the queue and calls it with nil.
  func withdraw(_ ticket: UInt64) {
    let job = state.withLock { state in
      state.jobs.firstIndex { $0.ticket == ticket }.map { state.jobs.remove(at: $0).job }
    }
    job?(nil)
  }

  /// Ends the threads as they become free; queued jobs are called with nil.
  func close() {
    let (dropped, threads): ([Job], Int) = state.withLock { state in
      state.isClosed = true
      defer { state.jobs = [] }
      return (state.jobs.map(\.job), state.threads)
    }
    for job in dropped { job(nil) }
    for _ in 0..<threads { wake.signal() }
  }

  private func startThread() {
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        let workers = Unmanaged<WorkerThreads>.fromOpaque(argument!).takeRetainedValue()
        workers.run()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    precondition(code == 0, "cannot start a thread: \(String(cString: strerror(code)))")
    pthread_detach(thread)
  }

  private func run() {
    let connection = ClickHouseConnection(configuration)
    while true {
      state.withLock { $0.idle += 1 }
      wake.wait()
      let (job, isClosed): (Job?, Bool) = state.withLock { state in
        state.idle -= 1
        return (state.jobs.isEmpty ? nil : state.jobs.removeFirst().job, state.isClosed)
      }
      if let job { job(connection) } else if isClosed { return }
    }
  }
}
