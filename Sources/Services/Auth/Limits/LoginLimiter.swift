import Digests
import Redis

/// How often logins may fail, by account and by address, counted in Redis.
///
/// An attempt counts from its beginning, so that many at once are no way around; one that succeeds is taken back.
struct LoginLimiter: Sendable {
  /// What counts one attempt.
  struct Attempt: Sendable {
    fileprivate let keys: [String]
  }

  struct Limits: Sendable {
    var perAccount: Int
    var perAddress: Int
    var window: Duration
  }

  /// There were too many. When the next one may be made.
  struct TooMany: Error {
    let retryAfter: Duration
  }

  private static let begin = RedisScript(
    """
    local wait = 0
    for i, key in ipairs(KEYS) do
      if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[i]) then
        wait = math.max(wait, redis.call('PTTL', key), 1)
      end
    end
    if wait > 0 then return wait end
    for _, key in ipairs(KEYS) do
      if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[#ARGV]) end
    end
    return 0
    """)

  private static let forgive = RedisScript(
    """
    for _, key in ipairs(KEYS) do
      if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
    end
    return 0
    """)

  private let redis: RedisClient
  private let limits: Limits

  init(_ redis: RedisClient, _ limits: Limits) {
    self.redis = redis
    self.limits = limits
  }

  /// - Parameters:
  ///   - account: as it is written in the request; whether there is one does not matter.
  ///   - address: see ``ClientAddress``.
  /// - Throws: `TooMany`, or `RedisError`.
  func begin(account: String, address: String, until deadline: ContinuousClock.Instant) async throws -> Attempt {
    // Of what somebody typed, which may be a password in the wrong place, nothing is kept.
    let name = Digest.sha256.hexadecimal(of: Array(account.lowercased().utf8))
    let attempt = Attempt(keys: ["login:account:\(name)", "login:address:\(address)"])
    let wait = try await redis.run(
      Self.begin, keys: attempt.keys,
      arguments: [limits.perAccount, limits.perAddress, Int(limits.window / .milliseconds(1))],
      deadline: min(deadline, .now + redis.configuration.commandTimeout))
    if let milliseconds = wait.integer, milliseconds > 0 { throw TooMany(retryAfter: .milliseconds(milliseconds)) }
    return attempt
  }

  /// Takes an attempt back, as one that did not fail by what was typed.
  func forgive(_ attempt: Attempt) async {
    // If it cannot be, it counts until the window ends.
    _ = try? await redis.run(Self.forgive, keys: attempt.keys)
  }
}
