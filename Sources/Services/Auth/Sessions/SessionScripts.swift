import Redis
import ServiceContract

/// What happens to sessions in Redis, each in one step.
///
/// `session:{sid}` is the record of one login, which is a family of refresh tokens: whose it is, the pair that is current (`cur`,
/// `acc`, `iat`), the refresh token before it (`par`) and when it was exchanged (`rot`). `session:{sid}:access` has its access
/// tokens that may still be good, by when they expire; `sessions:user:{sub}` a person's sessions, by when they end. Tokens
/// themselves are not kept. All of it expires with the tokens.
enum SessionScripts {
  /// Between two exchanges of one refresh token: another tab, or a client that did not get its answer.
  static let graceMs: Int64 = 10_000
  /// Of one person; a further login ends the oldest.
  static let mostSessions = 100
  /// Of one session, not expired; a further one ends the oldest.
  static let mostAccessTokens = 32

  private static let common = """
    local marker, prefix = '\(RevocationKeys.marker)', 'session:'
    local function revoke(kind, id, expiry)
      local key = (kind == 'access' and '\(RevocationKeys.token(.access, ""))'
        or '\(RevocationKeys.token(.refresh, ""))') .. id
      redis.call('SET', key, '1')
      redis.call('EXPIREAT', key, string.format('%d', expiry + \(TokenVerifier.skewSeconds)))
      redis.call('PUBLISH', '\(RevocationKeys.channel)', kind .. ':' .. id .. ':' .. expiry)
    end
    local function finish(sid)
      local record, tokens = prefix .. sid, prefix .. sid .. ':access'
      local known = redis.call('HMGET', record, 'sub', 'cur', 'exp')
      local access = redis.call('ZRANGE', tokens, 0, -1, 'WITHSCORES')
      for i = 1, #access, 2 do revoke('access', access[i], access[i + 1]) end
      redis.call('DEL', record, tokens)
      if not known[1] then return 0 end
      revoke('refresh', known[2], known[3])
      redis.call('ZREM', 'sessions:user:' .. known[1], sid)
      return 1
    end
    local function keep(sid, sub, access, accessExpiry, expiry)
      local tokens, index = prefix .. sid .. ':access', 'sessions:user:' .. sub
      redis.call('ZADD', tokens, accessExpiry, access)
      redis.call('ZADD', index, expiry, sid)
      for _, key in ipairs({prefix .. sid, tokens, index}) do
        redis.call('EXPIREAT', key, string.format('%d', expiry + \(TokenVerifier.skewSeconds)))
      end
    end
    -- Whether tokens of such a person and time are refused; a marker that is gone is set anew, by which they are.
    local function refused(sub, iat, now)
      redis.call('SET', marker, now, 'NX')
      if tonumber(iat) < tonumber(redis.call('GET', marker)) then return true end
      local since = redis.call('GET', '\(RevocationKeys.person(0).dropLast())' .. sub)
      return since and tonumber(iat) < tonumber(since)
    end

    """

  /// Arguments: sid, sub, manager, refresh id, access id, iat, access expiry, refresh expiry, device, address. Answers 1, or 0
  /// when tokens of that time are refused.
  static let open = RedisScript(
    common + """
      local sid, sub, man, cur, acc, iat, accessExpiry, expiry, device, address = unpack(ARGV)
      if refused(sub, iat, iat) then return 0 end
      local index = 'sessions:user:' .. sub
      redis.call('ZREMRANGEBYSCORE', index, '-inf', '(' .. string.format('%d', tonumber(iat) / 1000))
      for _, old in ipairs(redis.call('ZRANGE', index, 0, -\(mostSessions))) do finish(old) end
      redis.call('HSET', prefix .. sid, 'sub', sub, 'man', man, 'cur', cur, 'acc', acc, 'iat', iat, 'exp', expiry,
        'at', iat, 'use', iat, 'dev', device, 'adr', address)
      keep(sid, sub, acc, accessExpiry, expiry)
      return 1
      """)

  /// Arguments: sid, sub, the shown token's id and iat, now, new refresh id, new access id, access expiry, refresh expiry, device,
  /// address. Answers the pair that is current then, `{refresh id, access id, iat, manager}`; or a word.
  static let exchange = RedisScript(
    common + """
      local sid, sub, shown, iat, now, cur, acc, accessExpiry, expiry, device, address = unpack(ARGV)
      if refused(sub, iat, now) then return 'revoked' end
      if redis.call('EXISTS', '\(RevocationKeys.token(.refresh, ""))' .. shown) == 1 then return 'revoked' end
      local record = prefix .. sid
      local known = redis.call('HMGET', record, 'sub', 'cur', 'par', 'rot', 'acc', 'iat', 'man')
      if known[1] ~= sub then return 'ended' end
      if shown == known[2] then
        local tokens = record .. ':access'
        redis.call('ZREMRANGEBYSCORE', tokens, '-inf', '(' .. string.format('%d', tonumber(now) / 1000))
        for _, old in ipairs(redis.call('ZRANGE', tokens, 0, -\(mostAccessTokens))) do
          revoke('access', old, redis.call('ZSCORE', tokens, old))
          redis.call('ZREM', tokens, old)
        end
        redis.call('HSET', record, 'cur', cur, 'acc', acc, 'iat', now, 'exp', expiry, 'par', shown, 'rot', now,
          'use', now, 'dev', device, 'adr', address)
        keep(sid, sub, acc, accessExpiry, expiry)
        return {cur, acc, now, known[7]}
      end
      if shown == known[3] and tonumber(now) - tonumber(known[4]) <= \(graceMs) then
        return {known[2], known[5], known[6], known[7]}
      end
      finish(sid)
      return 'reused'
      """)

  /// Arguments: sid, sub. Answers 1; 0 when the person has no such session.
  static let end = RedisScript(
    common + """
      if redis.call('HGET', prefix .. ARGV[1], 'sub') ~= ARGV[2] then return 0 end
      return finish(ARGV[1])
      """)

  /// Arguments: sub, not-before in ms. Ends all sessions of a person, and refuses all tokens issued before.
  static let endAll = RedisScript(
    common + """
      local sub, since, key = ARGV[1], ARGV[2], '\(RevocationKeys.person(0).dropLast())' .. ARGV[1]
      local index = 'sessions:user:' .. sub
      for _, sid in ipairs(redis.call('ZRANGE', index, 0, -1)) do
        redis.call('DEL', prefix .. sid, prefix .. sid .. ':access')
      end
      redis.call('DEL', index)
      local known = redis.call('GET', key)
      if known and tonumber(known) > tonumber(since) then since = known end
      redis.call('SET', key, since, 'EX', \(RevocationKeys.personSeconds))
      redis.call('PUBLISH', '\(RevocationKeys.channel)', 'user:' .. sub .. ':' .. since)
      return 1
      """)

  /// Arguments: kind, id, expiry of one token that is to be refused, whose session may have gone.
  static let revoke = RedisScript(common + "revoke(ARGV[1], ARGV[2], ARGV[3])\nreturn 1")

  /// Arguments: sub, now in seconds. Answers sid, device, address, opened and last used in ms, for each.
  static let list = RedisScript(
    common + """
      local found = {}
      for _, sid in ipairs(redis.call('ZRANGEBYSCORE', 'sessions:user:' .. ARGV[1], ARGV[2], '+inf')) do
        local known = redis.call('HMGET', prefix .. sid, 'dev', 'adr', 'at', 'use')
        if known[1] then table.insert(found, {sid, known[1], known[2], known[3], known[4]}) end
      end
      return found
      """)
}
