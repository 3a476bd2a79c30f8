/// Why a pool did not run a job. None of the job has happened.
package enum PoolRefusal: Error, Sendable, Equatable {
  /// By the pool's own estimate the job would not end before its deadline, or too many wait already.
  /// `retryAfter`: when those that wait now should be done.
  case overloaded(retryAfter: Duration)
  /// The deadline passed before the job's turn came.
  case deadlineExceeded
  /// Whoever asked for it no longer wants it.
  case cancelled
  case closed
}
