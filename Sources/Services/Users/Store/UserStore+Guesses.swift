import CivilTime
import Postgres

extension UserStore {
  /// Counts a try of the old password, right or wrong, before anything is compared: however many are made at once, no more get
  /// through.
  /// - Parameter now: the true time.
  /// - Returns: false if there were `most` within the time.
  func countGuess(
    at id: Int64, most: Int, withinSeconds window: Int, now: Instant, until deadline: ContinuousClock.Instant
  ) async throws -> Bool {
    let since = now.milliseconds - window * 1000
    let call = Self.countGuess(
      .int8(id), .moment(Int64(since)), .moment(Int64(now.milliseconds)), .int8(most))
    return try await pool.run(call, until: deadline).affected == 1
  }

  /// The password was right.
  func forgiveGuesses(at id: Int64, until deadline: ContinuousClock.Instant) async throws {
    try await pool.run(Self.forgiveGuesses(.int8(id)), until: deadline)
  }

  private static let countGuess = PostgresStatement(
    "users.countGuess",
    """
    UPDATE users SET guesses = CASE WHEN guessed_since > $2 THEN guesses + 1 ELSE 1 END,
      guessed_since = CASE WHEN guessed_since > $2 THEN guessed_since ELSE $3 END
    WHERE id = $1 AND (guessed_since > $2 AND guesses < $4 OR coalesce(guessed_since, '-infinity') <= $2)
    """)
  private static let forgiveGuesses = PostgresStatement(
    "users.forgiveGuesses", "UPDATE users SET guesses = 0, guessed_since = NULL WHERE id = $1")
}
