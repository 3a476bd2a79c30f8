import Foundation
import Loopback
import RealServers
import Testing

/// `kartoteka gateway` as a process.
@Suite(.serialized, .timeLimit(.minutes(2))) struct GatewayCommandTests {
  @Test func itServesAndEnds() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok("from the decks")) }
    let environment = [
      "DECKS_URL": upstream.url, "AUTH_URL": "http://127.0.0.1:1", "LOG_FORMAT": "json", "DRAIN_SECONDS": "0",
    ]
    let gateway = try Kartoteka(["gateway", "--port", "0"], environment: environment)
    #expect(eventually(within: 30) { gateway.errors.contains("\"url\"") }, "\(gateway.errors)")
    let port = try #require(gateway.errors.firstMatch(of: #/"url":"http:[^"]*:(\d+)\\?\/"/#).flatMap { Int($0.1) })
    func get(_ path: String) async throws -> RawAnswer {
      let connection = try RawConnection(port: port)
      connection.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
      return try await connection.answer()
    }
    #expect(try await get("/decks/decks/").body == "from the decks")
    #expect(try await get("/health/live").status == 200)
    #expect(try await get("/health/ready").status == 503, "auth is not there")
    #expect(try await get("/teaching/courses").status == 503)
    let metrics = try await get("/metrics").body
    #expect(metrics.contains("gateway_http_requests_total{route=\"decks\",status=\"200\"} 1\n"))
    for name in [
      "gateway_upstream_tries_total", "gateway_upstream_errors_total", "gateway_breaker_state",
      "gateway_upstream_pending",
      "gateway_upstream_connections", "gateway_token_cache_total", "gateway_revocation_age_seconds", "http_connections",
    ] { #expect(metrics.contains("\n\(name)"), "\(name)") }
    gateway.signal(SIGTERM)
    #expect(gateway.wait(seconds: 30) == 0, "\(gateway.errors)")
  }

  @Test func settingsThatCannotBeUsedEndItsStart() throws {
    for (name, value, word) in [
      ("TRUSTED_PROXIES", "10.0.0.0/99", "TRUSTED_PROXIES"), ("GATEWAY_CORS_ORIGINS", "*", "GATEWAY_CORS_ORIGINS"),
      ("DECKS_URL", "https://decks", "DECKS_URL"), ("GATEWAY_SECRET", "short", "GATEWAY_SECRET"),
      ("KARTOTEKA_ENV", "production", "GATEWAY_SECRET"), ("REDIS_URL", "redis://", "REDIS_URL"),
    ] {
      let ended = try Kartoteka.run(["gateway", "--port", "0"], environment: [name: value])
      #expect(ended.status == 1 && ended.errors.contains(word), "\(name): \(ended.errors)")
    }
  }

  @Test func itsHelpIsComplete() throws {
    let help = try Kartoteka.run(["gateway", "--help"])
    #expect(help.status == 0)
    for name in [
      "GATEWAY_PORT", "GATEWAY_RATE_LIMIT", "TRUSTED_PROXIES", "GATEWAY_CORS_ORIGINS", "REDIS_URL", "DECKS_URL",
      "DRAIN_SECONDS",
    ] {
      #expect(help.output.contains(name), "\(name)")
    }
  }
}
