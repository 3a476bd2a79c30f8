import Redis
import ServiceContract

/// Reads of Redis what is revoked. Belongs to one thread; nil for everything that Redis did not answer as it should.
final class RevocationReader {
  private static let batch = 500
  private let connection: RedisConnection

  init(_ configuration: RedisConfiguration) {
    connection = RedisConnection(configuration)
  }

  /// The time before which all tokens are refused. If it is gone, Redis has been emptied, and with it all that was revoked:
  /// from now on.
  func marker(wallMs: Int64) -> Int64? {
    do throws(RedisError) {
      if let marker = try connection.send(RedisCommand("GET", RevocationKeys.marker)).text.flatMap({ Int64($0) }) {
        return marker
      }
      // Somebody else may have been first.
      try connection.send(RedisCommand("SET", RevocationKeys.marker, String(wallMs), "NX"))
      return try connection.send(RedisCommand("GET", RevocationKeys.marker)).text.flatMap { Int64($0) }
    } catch {
      return nil
    }
  }

  func all() -> [Revocation]? {
    var found: [Revocation] = []
    var cursor = "0"
    do throws(RedisError) {
      repeat {
        let page = try connection.send(
          RedisCommand("SCAN", cursor, "MATCH", RevocationKeys.pattern, "COUNT", Self.batch))
        guard let parts = page.elements, parts.count == 2, let next = parts[0].text, let keys = parts[1].elements else {
          return nil
        }
        found += try revocations(keys.compactMap(\.text))
        cursor = next
      } while cursor != "0"
    } catch {
      return nil
    }
    return found
  }

  private func revocations(_ keys: [String]) throws(RedisError) -> [Revocation] {
    let replies = try connection.send(
      pipeline: keys.flatMap { [RedisCommand("GET", $0), RedisCommand("EXPIRETIME", $0)] })
    // One that has expired meanwhile has no value.
    return keys.enumerated().compactMap { index, key in
      guard let value = replies[2 * index].text, let expiry = replies[2 * index + 1].integer else { return nil }
      return Revocation(key: key, value: value, expiresAt: Int64(expiry))
    }
  }
}
