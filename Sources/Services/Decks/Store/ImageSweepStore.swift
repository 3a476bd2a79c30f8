import HTTPService
import Postgres
import ServiceContract

/// What is left of images, kept in the database until it has gone from the store too: the table `image_sweep`.
///
/// An object may be made only between ``announce(_:until:)`` and ``claim(_:in:)``: what was announced and never claimed goes
/// after a while, and what is being deleted cannot be announced.
struct ImageSweepStore: Sendable {
  /// How long a request may take from announcing an object to claiming it: far more than its deadline.
  static let patienceSeconds = 600
  /// How long a sweeper has for its objects; a deletion whose answer never came may be done until then.
  static let leaseSeconds = 600

  static let busy = FailureDeclaration(
    .serviceUnavailable, "BUSY", "Others are changing the same at this moment: try again.")

  private static let announce = PostgresStatement(
    "images.announce",
    """
    INSERT INTO image_sweep AS s (object_key, due_at)
    SELECT k, clock_timestamp() + make_interval(secs => $2) FROM unnest($1::text[]) AS k ORDER BY k
    ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at, taken_until = NULL
    WHERE s.taken_until IS NULL OR s.taken_until < clock_timestamp()
    """)

  private static let claim = PostgresStatement(
    "images.claim",
    """
    DELETE FROM image_sweep WHERE object_key = ANY ($1)
    AND (taken_until IS NULL OR taken_until < clock_timestamp())
    """)

  private static let letGo = PostgresStatement(
    "images.letGo",
    """
    INSERT INTO image_sweep AS s (object_key, due_at)
    SELECT k, clock_timestamp() FROM (SELECT DISTINCT unnest($1::text[])) AS u (k) ORDER BY k
    ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at, taken_until = NULL
    """)

  private static let take = PostgresStatement(
    "images.take",
    """
    UPDATE image_sweep SET taken_until = clock_timestamp() + make_interval(secs => $2)
    WHERE object_key IN (
      SELECT object_key FROM image_sweep
      WHERE due_at <= clock_timestamp() AND (taken_until IS NULL OR taken_until < clock_timestamp())
      ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING object_key
    """)

  /// Of these objects, those that a card has.
  private static let referred = PostgresStatement(
    "images.referred",
    """
    SELECT k.object_key FROM unnest($1::text[], $2::bigint[]) AS k (object_key, card_id)
    WHERE EXISTS (
      SELECT FROM cards c
      WHERE c.id = k.card_id AND (c.front_image_key = k.object_key OR c.back_image_key = k.object_key))
    """)

  private static let forget = PostgresStatement(
    "images.forget", "DELETE FROM image_sweep WHERE object_key = ANY ($1) AND taken_until IS NOT NULL")

  private static let giveBack = PostgresStatement(
    "images.giveBack",
    """
    UPDATE image_sweep SET taken_until = NULL, due_at = clock_timestamp() + make_interval(secs => $2)
    WHERE object_key = ANY ($1) AND taken_until IS NOT NULL
    """)

  let pool: PostgresPool

  /// Says that these objects are about to be made.
  /// - Throws: 503 while one of them is being deleted.
  func announce(_ keys: [String], until deadline: ContinuousClock.Instant) async throws {
    guard !keys.isEmpty else { return }
    let call = Self.announce(.textArray(keys), .float8(Double(Self.patienceSeconds)))
    guard try await pool.run(call, until: deadline).affected == keys.count else {
      throw Self.busy.failure(headers: [.retryAfter: "2"])
    }
  }

  /// Makes these objects the cards' of this transaction.
  /// - Throws: 503 when one of them was swept meanwhile.
  static func claim(_ keys: [String], in transaction: PostgresTransaction) throws {
    guard !keys.isEmpty else { return }
    guard try transaction.run(claim(.textArray(keys))).affected == keys.count else {
      throw busy.failure(headers: [.retryAfter: "2"])
    }
  }

  /// Has these objects deleted once the transaction is committed.
  static func letGo(_ keys: [String]) -> [PostgresCall] { keys.isEmpty ? [] : [letGo(.textArray(keys))] }

  /// Takes objects that are due, for ``leaseSeconds``.
  func take(_ count: Int, until deadline: ContinuousClock.Instant) async throws -> [String] {
    try await pool.run(Self.take(.int8(count), .float8(Double(Self.leaseSeconds))), until: deadline).values()
  }

  /// Those of `keys` that no card has.
  func unreferred(_ keys: [String], until deadline: ContinuousClock.Instant) async throws -> [String] {
    let images = keys.compactMap { key in CardImageKey(key).map { (key: key, card: $0.card) } }
    guard !images.isEmpty else { return keys }
    let referred: [String] = try await pool.run(
      Self.referred(.textArray(images.map(\.key)), .int8Array(images.map(\.card))), until: deadline
    ).values()
    return keys.filter { !referred.contains($0) }
  }

  /// Objects that have gone, or are needed.
  func forget(_ keys: [String], until deadline: ContinuousClock.Instant) async throws {
    try await pool.run(Self.forget(.textArray(keys)), until: deadline)
  }

  /// Objects that the store certainly did not delete: to be tried again after a while.
  func giveBack(_ keys: [String], forSeconds seconds: Double, until deadline: ContinuousClock.Instant) async throws {
    try await pool.run(Self.giveBack(.textArray(keys), .float8(seconds)), until: deadline)
  }
}
