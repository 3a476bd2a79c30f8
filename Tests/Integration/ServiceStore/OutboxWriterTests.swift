import EventSchema
import Foundation
import Postgres
import RealServers
import ServiceStore
import Testing

@Suite struct OutboxWriterTests {
  private let store: StoreDatabase
  private let writer = OutboxWriter()

  init() throws { store = try StoreDatabase() }

  private func event(_ deck: UInt64) -> Event {
    Event(
      id: .random(), occurredAtMs: 1_790_000_000_000, producer: "decks-service",
      payload: .cardCreated(cardID: deck * 10, deckID: deck, createdAtMs: 1_790_000_000_000))
  }

  /// A row an event: its id, topic and key as columns, its wire form, the transaction that wrote it; in the order given.
  @Test func aRowAnEventInTheirOrder() throws {
    let events = (1...600).map { event(UInt64($0)) }
    let xid = try store.admin.transaction(until: .now + .seconds(10)) { transaction in
      transaction.runWithCommit([writer.insert(events)])
      let row = try transaction.run(PostgresStatement(unprepared: "SELECT pg_current_xact_id()::text")())
      return try row[0].value(0, as: String.self)
    }
    let rows = try store.admin.sql("SELECT event_id::text, topic, key, value, xid::text FROM outbox ORDER BY id")
    #expect(rows.count == events.count)
    var encoder = EventEncoder()
    for (row, event) in zip(rows, events) {
      var fields = row.reader
      encoder.encode(event)
      #expect(try fields.next(String.self) == event.id.description)
      #expect(try fields.next(String.self) == "content.events")
      #expect(try fields.next(String.self) == String(decoding: encoder.key, as: UTF8.self))
      #expect(try fields.next(String.self) == String(decoding: encoder.value, as: UTF8.self))
      #expect(try fields.next(String.self) == xid)
    }
  }

  @Test func nothingWithoutTheCommitAndNothingTwice() throws {
    #expect(throws: Failure.self) {
      try store.admin.transaction(until: .now + .seconds(10)) { transaction in
        _ = try transaction.run(writer.insert([event(1)]))
        throw Failure("changed its mind")
      }
    }
    #expect(try store.admin.run(writer.insert([]), until: .now + .seconds(5)).affected == 0)
    #expect(try store.admin.number("SELECT count(*) FROM outbox") == 0)
    let same = event(2)
    let error = postgresError { try store.admin.run(writer.insert([same, same]), until: .now + .seconds(5)) }
    #expect(error?.isUniqueViolation == true)
  }
}
