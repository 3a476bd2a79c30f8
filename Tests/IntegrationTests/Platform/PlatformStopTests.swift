import Foundation
import Loopback
import RealServers
import Testing

/// How each service ends when it is told to in the middle of a request.
@Suite(.serialized) struct PlatformStopTests {
  private struct Begun {
    let path: String
    let headers: [String: String]
    let body: String

    /// The request up to the middle of its body, and the rest.
    var halves: (String, String) {
      let middle = body.index(body.startIndex, offsetBy: body.count / 2)
      let lines = headers.map { "\($0): \($1)\r\n" }.joined()
      let head = "POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\(lines)"
      return ("\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body[..<middle])", String(body[middle...]))
    }
  }

  private static let throughGateway = [
    "X-Gateway-Auth": "local-gateway-secret", "X-User-Id": "1", "X-User-Ismanager": "0",
  ]
  private static let asService = ["X-Service-Auth": "local-service-secret", "X-Service-Name": "test"]
  private static let deck = #"{"title": "made while it ends"}"#
  private static let registration = """
    {"name": "Boris", "surname": "Petrov", "email": "boris@example.org", "password": "correct horse"}
    """

  /// Who answers others ends before them.
  @Test(.timeLimit(.minutes(4))) func aRequestThatHasBegunIsAnsweredAndNothingIsLost() async throws {
    let databases = try PlatformDatabases()
    let platform = try await databases.platform(drainSeconds: 2)
    let token = try await platform.register("anna")
    let begun: [(RunningPlatform.Role, Begun)] = [
      (.gateway, Begun(path: "/decks/decks/", headers: ["Authorization": "Bearer \(token)"], body: Self.deck)),
      (
        .analytics,
        Begun(
          path: "/api/v1/query", headers: ["Authorization": "Bearer local-dashboard-key"],
          body: #"{"metrics": ["events"], "date_range": "7d"}"#)
      ),
      (
        .auth,
        Begun(path: "/api/login", headers: [:], body: #"{"email": "anna@example.org", "password": "correct horse"}"#)
      ),
      (.decks, Begun(path: "/api/decks", headers: Self.throughGateway, body: Self.deck)),
      (.users, Begun(path: "/api/users", headers: Self.asService, body: Self.registration)),
    ]
    for (role, request) in begun {
      let process = try platform.process(role)
      let connection = try RawConnection(port: try #require(platform.ports[role]))
      let (first, rest) = request.halves
      connection.send(first)
      try await Task.sleep(for: .milliseconds(300))
      process.signal(SIGTERM)
      let told = ContinuousClock.now

      var ready = try await platform.ask(role, "GET", "/health/ready")
      while ready.status == 200, ContinuousClock.now - told < .seconds(1.5) {
        ready = try await platform.ask(role, "GET", "/health/ready")
      }
      #expect(ready.status == 503 && ready.text.contains("told to stop"), "\(role): \(ready)")
      #expect(try await platform.ask(role, "GET", "/health/live").status == 200, "\(role) takes requests meanwhile")
      // It has drained, and takes no more.
      try await Task.sleep(until: told + .seconds(2.7))
      await #expect(throws: (any Error).self, "\(role) still listens") {
        try await platform.ask(role, "GET", "/health/live")
      }
      #expect(process.isRunning, "\(role) did not wait for the request")
      connection.send(rest)
      let answer = try await connection.untilClosed() ?? ""
      #expect(answer.hasPrefix("HTTP/1.1 20"), "\(role): \(answer)")
      #expect(process.wait(seconds: 15) == 0, "\(role): \(process.errors)")
    }
    // The relays have sent what was committed last, too.
    #expect(try databases.decks.admin.number("SELECT count(*) FROM decks") == 2)
    #expect(try databases.users.admin.number("SELECT count(*) FROM users") == 2)
    for database in [databases.users, databases.decks] {
      let left = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM outbox_parked)"
      #expect(try database.admin.number(left) == 0)
    }
  }
}
