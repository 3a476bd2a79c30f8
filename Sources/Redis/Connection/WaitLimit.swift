import Blocking
import Glibc

/// Until when something may be waited for, and by whose flag it ends sooner.
struct WaitLimit {
  let deadline: ContinuousClock.Instant
  let cancellation: CancellationFlag?

  /// How soon a raised flag is seen, in milliseconds.
  private static let pollMs = 50

  func earlier(_ other: ContinuousClock.Instant) -> WaitLimit {
    WaitLimit(deadline: min(deadline, other), cancellation: cancellation)
  }

  /// How long to wait now before looking again, in whole milliseconds; nil once the deadline has passed.
  /// - Throws: `.cancelled` if the flag is raised.
  func slice() throws(StreamFailure) -> Int? {
    if cancellation?.isRaised == true { throw .cancelled }
    let left = (deadline - .now) / .milliseconds(1)
    return left <= 0 ? nil : min(Self.pollMs, Int(left.rounded(.up)))
  }

  /// Waits until the descriptor is ready. What is ready already is never too late.
  /// - Parameter events: of `poll`.
  func wait(for descriptor: Int32, _ events: Int32) throws(StreamFailure) {
    while true {
      let slice = try slice()
      var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      if poll(&entry, 1, Int32(slice ?? 0)) > 0 { return }
      if slice == nil { throw .deadlineExceeded }
    }
  }
}
