import CScheduling

/// How a thread that hashes stands behind all others of the machine, without being starved by them.
///
/// A nice thread gets less time, but once it runs it is left alone for its slice: 3 ms in which who wakes up waits, several times
/// over on the way of one request. Whoever has the longer slice is interrupted at once by who has a shorter one (Linux 6.12
/// and later), so hashing asks for the longest.
package enum HashingPriority {
  package static let niceness: Int32 = 10
  /// The longest that Linux gives.
  package static let sliceNs: UInt64 = 100_000_000

  /// Of the calling thread alone. A kernel that refuses it leaves the thread as it was.
  package static func assume() {
    var attributes = scheduling_attributes()
    attributes.policy = UInt32(scheduling_batch)
    // A process that is nicer already may not be made less so.
    attributes.nice = max(niceness, current.niceness)
    attributes.runtime = sliceNs
    _ = scheduling_set(&attributes)
  }

  /// What the calling thread has now: whether it is one for batches, and how nice it is.
  package static var current: (isBatch: Bool, niceness: Int32) {
    var attributes = scheduling_attributes()
    guard scheduling_get(&attributes) == 0 else { return (false, 0) }
    return (attributes.policy == UInt32(scheduling_batch), attributes.nice)
  }
}
