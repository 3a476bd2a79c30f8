import EventSchema

/// As whom this service speaks: registrations and logins are auth's, which has no database of its own.
enum EventProducer: String {
  case auth = "auth-service"
  case users = "users-service"
}

extension Event {
  /// A new one.
  /// - Parameter now: milliseconds since 1970.
  static func of(_ payload: EventPayload, by producer: EventProducer, at now: Int64) -> Event {
    Event(id: .random(), occurredAtMs: now, producer: producer.rawValue, payload: payload)
  }
}
