import Foundation
import HTTPService
import Settings

/// What a service says of itself, and of the request that it calls another for, in the head of that call.
struct ServiceIdentity: Sendable {
  let name: String
  let secret: Secret

  func lines(_ context: CallContext, hasBody: Bool) -> [String] {
    var lines = [
      "X-Service-Auth: \(secret.revealed)", "X-Service-Name: \(name)", "Accept: application/json",
      // libcurl would ask before it sends a long body.
      "Expect:",
    ]
    if !context.requestID.isEmpty { lines.append("X-Request-Id: \(context.requestID)") }
    if let trace = context.traceParent { lines.append("traceparent: \(trace.text)") }
    if let time = context.simulatedTime { lines.append("X-Simulated-Time: \(time)") }
    if hasBody { lines.append("Content-Type: application/json") }
    return lines
  }

  /// By the wall clock, which is all that two processes share.
  static func deadlineLine(in left: Duration) -> String {
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    return "X-Request-Deadline: \(now + Int64(left / .milliseconds(1)))"
  }
}
