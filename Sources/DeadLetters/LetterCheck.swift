import ClickHouse
import EventSchema

/// What is needed to know of an event before it is sent.
package struct ValidEvent: Sendable, Equatable {
  /// Its `event_id`, lower-case.
  package let id: String
  package let type: String
  /// Milliseconds since 1970.
  package let occurredAtMs: Int64

  package init(id: String, type: String, occurredAtMs: Int64) {
    self.id = id
    self.type = type
    self.occurredAtMs = occurredAtMs
  }
}

/// What the decoder of this version says of a message.
package enum PresentVerdict: Sendable, Equatable {
  case valid(ValidEvent)
  case invalid(reason: String, detail: String)
}

/// Judges bytes as the collector would, were they sent now. Confined to one thread.
package final class LetterCheck {
  private var decoder = EventDecoder()
  private let columns = EventColumns(capacity: 1)

  package init() {}

  /// - Parameter timestampMs: the Kafka timestamp that the message will carry, milliseconds since 1970.
  package func verdict(_ value: [UInt8], timestampMs: Int64) -> PresentVerdict {
    columns.reset()
    switch decoder.decode(value, offset: 0, kafkaTimestampMs: timestampMs, into: columns) {
    case .invalid(let reason): return .invalid(reason: reason.rawValue, detail: decoder.detail)
    case .full: preconditionFailure("an empty block has no room for one row")
    case .event(let type):
      let id = columns.withColumn(.eventID) { values in
        guard case .fixed(let bytes) = values else { preconditionFailure("event_id is of fixed width") }
        return ClickHouseUUID(
          high: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
          low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
      return .valid(
        ValidEvent(id: id.description, type: type.name, occurredAtMs: columns.occurredAtMs?.lowerBound ?? 0))
    }
  }
}
