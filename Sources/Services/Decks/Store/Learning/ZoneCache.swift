import CivilTime
import Synchronization

/// Time zones by name: looking one up costs more than all else that an answer needs of it.
final class ZoneCache: Sendable {
  /// More than there are zones.
  private static let limit = 1024
  private let zones = Mutex<[String: Zone]>([:])

  /// A name that this machine does not know any more is UTC.
  func zone(_ name: String) -> Zone {
    if let known = zones.withLock({ $0[name] }) { return known }
    let zone = Zone(name) ?? .utc
    zones.withLock { zones in
      if zones.count >= Self.limit { zones = [:] }
      zones[name] = zone
    }
    return zone
  }
}
