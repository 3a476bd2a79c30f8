import Postgres

/// How often somebody may guess at what he does not know, by the database's clock.
struct GuessLimit: Sendable {
  /// Join codes that are none. With 29 characters in 8 places there are 500,000,000,000.
  static let codes = GuessLimit(kind: "code", most: 10, seconds: 900)
  /// People who are not registered: whoever makes a course could find out who is by enrolling everybody.
  static let people = GuessLimit(kind: "person", most: 200, seconds: 86_400)

  private let kind: String
  let most: Int
  private let seconds: Int

  /// How it stands after a guess.
  enum Verdict: Sendable, Equatable {
    case allowed
    case refused(retryAfterSeconds: Int)

    init(_ rows: PostgresRows, most: Int) throws {
      guard var fields = rows.first?.reader else {
        throw PostgresError.protocolViolation("guesses that were just counted are not there")
      }
      let (guesses, left): (Int, Int) = (try fields.next(), try fields.next())
      self = guesses <= most ? .allowed : .refused(retryAfterSeconds: max(1, left))
    }
  }

  /// Counts guesses, right or wrong, before anything is looked up: however many are made at once, no more get through.
  func count(_ guesses: Int = 1, of person: Int64, in transaction: PostgresTransaction) throws -> Verdict {
    try Verdict(transaction.run(call(guesses, of: person)), most: most)
  }

  func count(
    _ guesses: Int, of person: Int64, on pool: PostgresPool, until deadline: ContinuousClock.Instant
  ) async throws -> Verdict {
    try Verdict(await pool.run(call(guesses, of: person), until: deadline), most: most)
  }

  /// A guess was right, and is none. It takes back itself only: with a code of his own nobody gets others for nothing.
  func forgive(_ person: Int64) -> PostgresCall { Self.forgive(.int8(person), .text(kind)) }

  private func call(_ guesses: Int, of person: Int64) -> PostgresCall {
    Self.count(.int8(person), .text(kind), .int8(guesses), .int8(seconds))
  }

  private static let count = PostgresStatement(
    "guesses.count",
    """
    INSERT INTO guesses AS g (user_id, kind, guesses, since) VALUES ($1, $2, $3, clock_timestamp())
    ON CONFLICT (user_id, kind) DO UPDATE SET
      guesses = CASE WHEN g.since > clock_timestamp() - make_interval(secs => $4) THEN g.guesses ELSE 0 END + $3,
      since = CASE WHEN g.since > clock_timestamp() - make_interval(secs => $4) THEN g.since ELSE clock_timestamp() END
    RETURNING guesses, ceil(extract(epoch FROM since + make_interval(secs => $4) - clock_timestamp()))::bigint
    """)
  private static let forgive = PostgresStatement(
    "guesses.forgive", "UPDATE guesses SET guesses = guesses - 1 WHERE user_id = $1 AND kind = $2 AND guesses > 0")
}
