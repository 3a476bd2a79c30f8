import Dispatch
import Glibc
import Synchronization

/// A bounded set of operating system threads that each own a connection, fed from a bounded queue. Blocking calls happen here
/// and nowhere on Swift's cooperative pool. Threads start when there is work for them and end with `close`.
final class WorkerThreads: Sendable {
  typealias Job = @Sendable (ClickHouseConnection?) -> Void

  private struct State {
    var jobs: [Job] = []
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

  enum Refusal {
    case full(limit: Int)
    case closed
  }

  /// Queues a job; it is called once, with a connection, or with nil if the threads are closed before its turn.
  func submit(_ job: @escaping Job) -> Refusal? {
    let (refusal, start): (Refusal?, Bool) = state.withLock { state in
      if state.isClosed { return (.closed, false) }
      if state.jobs.count >= queueLimit { return (.full(limit: queueLimit), false) }
      state.jobs.append(job)
      let start = state.idle < state.jobs.count && state.threads < threadLimit
      if start { state.threads += 1 }
      return (nil, start)
    }
    if let refusal { return refusal }
    if start { startThread() }
    wake.signal()
    return nil
  }

  /// Ends the threads as they become free; queued jobs are called with nil.
  func close() {
    let (dropped, threads): ([Job], Int) = state.withLock { state in
      state.isClosed = true
      defer { state.jobs = [] }
      return (state.jobs, state.threads)
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
        return (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
      }
      if let job { job(connection) } else if isClosed { return }
    }
  }
}
