import HTTPService
import HTTPTypes
import Hummingbird
import Postgres

/// A request that may come again: its `Idempotency-Key`, if it has one, with all that tells it from others.
package struct Repetition: Sendable {
  /// To be declared by every operation that makes one.
  package static let failures = [IdempotencyKey.malformed, IdempotencyKey.reused]

  private let key: IdempotencyKey?
  private let person: Int64
  private let operation: String
  private let body: [UInt8]
  private let store = IdempotencyStore()

  /// - Parameter operation: with the object it is about: `copyDeck 17`.
  /// - Throws: 400 for a malformed key.
  package init(_ request: Request, of person: Int64, _ operation: String, body: [UInt8]) throws(RequestFailure) {
    key = try IdempotencyKey.read(request.headers)
    self.person = person
    self.operation = operation
    self.body = body
  }

  /// Leaves a transaction without its writing.
  private struct NoReplyYet: Error {}

  /// The reply to the same request, if it was answered before; for what would do much before its transaction.
  package func earlierReply(in pool: PostgresPool, until deadline: ContinuousClock.Instant) async throws -> KeptReply? {
    guard key != nil else { return nil }
    do {
      return try await pool.transaction(until: deadline) { transaction in
        guard let reply = try firstReply(in: transaction) else { throw NoReplyYet() }
        return reply
      }
    } catch is NoReplyYet { return nil }
  }

  /// The first reply, if there was one.
  /// - Throws: 409 if the key came with another body.
  package func firstReply(in transaction: PostgresTransaction) throws -> KeptReply? {
    guard let key else { return nil }
    return try store.claim(key, of: person, for: operation, body: body, in: transaction)
  }

  /// Travels with the commit.
  package func keep(_ reply: KeptReply) -> [PostgresCall] {
    guard let key else { return [] }
    return [store.keep(reply, as: key, of: person, for: operation)]
  }

  /// Travels with the commit of a request that fails: it may be tried again under the same key.
  package func release() -> [PostgresCall] {
    guard let key else { return [] }
    return [store.release(key, of: person, for: operation)]
  }
}

extension KeptReply {
  /// A reply of JSON.
  package init<Value>(_ status: HTTPResponse.Status, _ value: Value, as representation: Representation<Value>) {
    var output = JSONOutput()
    representation.write(value, &output)
    self.init(status: Int(status.code), body: String(buffer: output.buffer) + "\n")
  }

  package var response: Response {
    Response(
      status: .init(code: status), headers: [.contentType: "application/json; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: body)))
  }
}
