import Foundation
import Redis
import Synchronization
import Testing

/// The Redis named in the environment.
package enum RedisServer {
  /// Fails the test if `REDIS_URL` is not set: an integration test that does not run must not look as if it passed.
  package static func url() throws -> String {
    try #require(
      ProcessInfo.processInfo.environment["REDIS_URL"],
      "REDIS_URL is not set; run the integration tests with `make test`")
  }

  package static func configuration(_ url: String? = nil) throws -> RedisConfiguration {
    var configuration = try RedisConfiguration(url: try url ?? Self.url())
    configuration.commandTimeout = .seconds(10)
    return configuration
  }

  /// A name for keys and channels that no other test has.
  package static func name() -> String { "test:\(UUID().uuidString.prefix(8).lowercased())" }
}

/// What a feed tells, to be waited for.
package final class FeedLog: Sendable {
  private let events = Mutex<[RedisFeedEvent]>([])

  package init() {}

  package func add(_ event: RedisFeedEvent) { events.withLock { $0.append(event) } }

  package var all: [RedisFeedEvent] { events.withLock { $0 } }

  package var messages: [String] {
    all.compactMap { if case .message(_, let payload) = $0 { String(decoding: payload, as: UTF8.self) } else { nil } }
  }

  /// Waits until so many of those that `counts` have come.
  package func wait(for count: Int = 1, seconds: Double = 20, _ counts: (RedisFeedEvent) -> Bool) -> Bool {
    eventually(within: seconds, every: 0.01) { all.filter(counts).count >= count }
  }
}
