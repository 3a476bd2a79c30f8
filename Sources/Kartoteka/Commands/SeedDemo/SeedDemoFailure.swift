import PlatformClient

/// Why there is no demonstration school, and what may be done about it.
struct SeedDemoFailure: Error, CustomStringConvertible {
  let error: PlatformError

  var description: String {
    let reason = error.description
    return [reason.hasSuffix(".") ? reason : reason + ".", advice].compactMap(\.self).joined(separator: " ")
  }

  private var advice: String? {
    switch error {
    case .connection: "Is the gateway up, where GATEWAY_URL says? `make run` starts the platform."
    case .refused(401, _, _, _), .refused(403, _, _, _):
      "DEMO_MANAGER_EMAIL and DEMO_PASSWORD must be those of a manager; `kartoteka users add-manager` makes one."
    case .refused(_, "SIMULATED_TIME_REFUSED", _, _):
      "The services must have this SERVICE_SECRET, and local for KARTOTEKA_ENV."
    case .cancelled: "What was made stays; run it again to go on."
    default: nil
    }
  }
}
