import Blocking

/// What reading one package may still take: bytes that are unpacked, and time.
final class Allowance {
  private let totalBytes: Int
  private var bytesLeft: Int
  private let deadline: ContinuousClock.Instant
  private let cancellation: CancellationFlag

  init(bytes: Int, until deadline: ContinuousClock.Instant, _ cancellation: CancellationFlag) {
    (totalBytes, bytesLeft) = (bytes, bytes)
    self.deadline = deadline
    self.cancellation = cancellation
  }

  var isOver: Bool { cancellation.isRaised || deadline <= .now }

  func check() throws(AnkiPackageError) {
    if cancellation.isRaised { throw .cancelled }
    if deadline <= .now { throw .deadlineExceeded }
  }

  func take(_ bytes: Int) throws(AnkiPackageError) {
    try check()
    guard bytes <= bytesLeft else { throw .tooLarge("files", limitBytes: totalBytes) }
    bytesLeft -= bytes
  }
}
