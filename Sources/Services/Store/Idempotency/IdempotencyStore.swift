import Digests
import HTTPService
import Postgres

/// Gives the first reply to a request again where the same person sends it again under the same key, for 24 hours.
///
/// Within the transaction of what is asked: ``claim(_:of:for:body:in:)`` first; if that has no reply, do it, and let
/// ``keep(_:as:of:for:)`` travel with the commit. Of two equal requests at once the second waits for the first to end. A
/// request that fails keeps nothing: it may be tried again under the same key.
package struct IdempotencyStore: Sendable {
  private static let claim = PostgresStatement(
    "idempotency.claim",
    """
    INSERT INTO idempotency_keys AS old (person_id, operation, key, body_hash) VALUES ($1, $2, $3, $4)
    ON CONFLICT (person_id, operation, key) DO UPDATE
    SET body_hash = excluded.body_hash, status = NULL, reply = NULL, created_at = excluded.created_at
    WHERE old.created_at <= clock_timestamp() - interval '24 hours'
    """)
  private static let read = PostgresStatement(
    "idempotency.read",
    "SELECT body_hash, status, reply FROM idempotency_keys WHERE person_id = $1 AND operation = $2 AND key = $3")
  private static let keep = PostgresStatement(
    "idempotency.keep",
    "UPDATE idempotency_keys SET status = $4, reply = $5 WHERE person_id = $1 AND operation = $2 AND key = $3")

  private static let release = PostgresStatement(
    "idempotency.release",
    "DELETE FROM idempotency_keys WHERE person_id = $1 AND operation = $2 AND key = $3 AND status IS NULL")

  /// Takes out what is older than 24 hours, some at a time. The relay runs it.
  static let sweep = PostgresStatement(
    "idempotency.sweep",
    """
    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM idempotency_keys WHERE created_at <= clock_timestamp() - interval '24 hours' LIMIT 1000
      FOR UPDATE SKIP LOCKED))
    """)

  package init() {}

  /// Takes the key for this request, unless one before had it. Blocking, as the transaction is.
  /// - Parameters:
  ///   - operation: what is asked, the object included where the path has one: `copyDeck 17`.
  ///   - body: of the request, as it came.
  /// - Returns: the first request's reply, to be given again; nil if this is the first.
  /// - Throws: 409 (``RequestFailure``) if the key came with another body; else ``PostgresError``.
  package func claim(
    _ key: IdempotencyKey, of person: Int64, for operation: String, body: [UInt8], in transaction: PostgresTransaction
  ) throws -> KeptReply? {
    let hash = Digest.sha256.bytes(of: body)
    let rows = try transaction.run([
      Self.claim(.int8(person), .text(operation), .text(key.text), .bytea(hash)),
      Self.read(.int8(person), .text(operation), .text(key.text)),
    ])
    guard var fields = rows.last?.first?.reader else {
      throw PostgresError.protocolViolation("an idempotency key that was just claimed is not there")
    }
    guard try fields.next([UInt8].self) == hash else { throw IdempotencyKey.reused.failure() }
    guard let status = try fields.next(Int?.self) else { return nil }
    return KeptReply(status: status, body: try fields.next(String?.self) ?? "")
  }

  /// Gives the key back that this transaction has claimed, where it commits though the request fails.
  package func release(_ key: IdempotencyKey, of person: Int64, for operation: String) -> PostgresCall {
    Self.release(.int8(person), .text(operation), .text(key.text))
  }

  /// Keeps the reply under the key that this transaction has claimed.
  package func keep(
    _ reply: KeptReply, as key: IdempotencyKey, of person: Int64, for operation: String
  ) -> PostgresCall {
    Self.keep(.int8(person), .text(operation), .text(key.text), .int4(Int32(reply.status)), .text(reply.body))
  }
}
