import CivilTime
import HTTPService

/// Where somebody is logged in, as its owner sees it.
struct Session: Sendable {
  let id: String
  let device: String
  let address: String
  let createdAt: Instant
  let lastUsedAt: Instant
  var isCurrent = false

  static let representation = Representation<Session>.object(
    "Session",
    [
      .init("id", .text) { $0.id },
      .init("device", .text, "What the client calls itself, its User-Agent.") { $0.device },
      .init("address", .text, "Where it was last used from.") { $0.address },
      .init("created_at", .moment, "The login.") { $0.createdAt },
      .init("last_used_at", .moment, "The login, or the last refresh.") { $0.lastUsedAt },
      .init("is_current", .flag, "Whether it is the one that asks.") { $0.isCurrent },
    ])
}

/// From where a session is opened or used.
struct SessionOrigin: Sendable {
  let device: String
  let address: String
}
