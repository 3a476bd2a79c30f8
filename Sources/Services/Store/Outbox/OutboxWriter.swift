import EventSchema
import Foundation
import Postgres
import Synchronization

/// Writes events into the table `outbox`, from where the relay sends them to Kafka.
///
/// Its call goes into the transaction of the change that the events tell of, after the statement that locked the row of
/// their key: then no event is without its commit, no commit without its event, and events of one key go out in the order
/// of the commits. ``OutboxSignal/raise()`` follows the commit.
package final class OutboxWriter: Sendable {
  /// In the order of the events, so that ids ascend in it.
  private static let insert = PostgresStatement(
    "outbox.insert",
    """
    INSERT INTO outbox (event_id, topic, key, value)
    SELECT event_id, topic, key, value
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS e (event_id, topic, key, value, place)
    ORDER BY place
    """)

  private let encoder = Mutex(EventEncoder())

  package init() {}

  /// One statement for all events, in their order. Without events it does nothing.
  package func insert(_ events: [Event]) -> PostgresCall {
    var ids: [UUID] = []
    var (topics, keys, values): ([String], [String], [String]) = ([], [], [])
    encoder.withLock { encoder in
      for event in events {
        encoder.encode(event)
        ids.append(UUID(event.id))
        topics.append(event.topic.name)
        keys.append(String(decoding: encoder.key, as: UTF8.self))
        values.append(String(decoding: encoder.value, as: UTF8.self))
      }
    }
    return Self.insert(.uuidArray(ids), .textArray(topics), .textArray(keys), .textArray(values))
  }
}

extension UUID {
  fileprivate init(_ id: EventID) {
    self.init(
      uuid: withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { $0.loadUnaligned(as: uuid_t.self) })
  }
}
