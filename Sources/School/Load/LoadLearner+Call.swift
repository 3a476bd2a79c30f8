import CivilTime
import Foundation
import PlatformClient

extension LoadLearner {
  /// Makes his next call and takes what comes of it.
  package mutating func makeCall(over connection: PlatformConnection) -> (Reception, error: PlatformError?) {
    let (step, token) = call(atSeconds: Int64(Date().timeIntervalSince1970))
    do throws(PlatformError) {
      let answer = try step.send(over: connection, token: token)
      hear(answer, at: Instant(milliseconds: Int(Date().timeIntervalSince1970 * 1000)))
      return (.taken, nil)
    } catch {
      return (hear(error), error)
    }
  }
}

extension LoadLearner.Reception {
  /// How long to wait before the next call.
  package var restSeconds: Double {
    switch self {
    case .taken: 0
    case .again(let seconds): seconds
    case .failed: 1
    }
  }
}
