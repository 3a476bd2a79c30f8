import Blocking

/// Sends calls until they are answered: waits where the platform asks to, and repeats what may be repeated.
package final class PatientCaller {
  private static let retries = RetryPolicy(first: .milliseconds(100), longest: .seconds(5))

  package let connection: PlatformConnection
  private let patience: Duration
  /// Tries after which it was not known whether the call had been done.
  package private(set) var unknownOutcomes = 0

  /// - Parameter patience: how long a call is tried before its error is the caller's.
  package init(_ connection: PlatformConnection, patience: Duration = .seconds(60)) {
    self.connection = connection
    self.patience = patience
  }

  /// As a stranger.
  package func send<Answer>(_ call: PlatformCall<Answer>, time: String? = nil) throws(PlatformError) -> Answer {
    try persist(call.operation) { () throws(PlatformError) in try connection.send(call, time: time) }
  }

  package func send<Answer>(
    _ call: PlatformCall<Answer>, as person: inout SignedInPerson, time: String? = nil
  ) throws(PlatformError) -> Answer {
    try persist(call.operation) { () throws(PlatformError) in
      try person.send(call, over: connection, time: time)
    }
  }

  package func put(_ bytes: [UInt8], to upload: ImageUpload) throws(PlatformError) {
    try persist(.presignImage) { () throws(PlatformError) in try connection.put(bytes, to: upload) }
  }

  private func persist<Answer>(
    _ operation: PlatformOperation, _ attempt: () throws(PlatformError) -> Answer
  ) throws(PlatformError) -> Answer {
    let end = ContinuousClock.now + patience
    var failures = 0
    while true {
      do throws(PlatformError) {
        return try attempt()
      } catch {
        failures += 1
        if error.leavesOutcomeUnknown { unknownOutcomes += 1 }
        let asked = error.retryAfterSeconds.map { Duration.seconds($0) } ?? .zero
        let wait = max(asked, Self.retries.delay(afterFailures: failures))
        guard error.isWorthARepeat(of: operation), ContinuousClock.now + wait < end else { throw error }
        BlockingThread.sleep(wait)
      }
    }
  }
}

extension PlatformError {
  /// Whether the same call may be answered if it is sent once more, and does no harm.
  package func isWorthARepeat(of operation: PlatformOperation) -> Bool {
    switch self {
    case .connection: true
    case .interrupted: operation.isRepeatable
    case .refused(let status, _, _, _): status == 429 || (502...504).contains(status) && operation.isRepeatable
    case .malformed, .cancelled: false
    }
  }
}
