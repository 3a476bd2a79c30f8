import Foundation
import RealServers
import Testing

/// A request keeps its id through all that it reaches, to ClickHouse's `query_id`.
@Suite(.serialized) struct RequestIDTests {
  private static let question = #"{"metrics": ["events"], "date_range": "7d"}"#

  @Test(.timeLimit(.minutes(3))) func oneIDFromTheGatewayToTheQuery() async throws {
    let databases = try PlatformDatabases()
    let platform = try await databases.platform()
    let mark = UUID().uuidString.prefix(8).lowercased()
    func isLogged(_ id: String, by roles: RunningPlatform.Role...) throws {
      for role in roles {
        let field = "\"request_id\":\"\(id)\""
        #expect(
          try eventually(within: 5) { try !platform.log(role, with: field).isEmpty }, "\(role) does not log \(id)")
      }
    }

    // Through two services: auth asks users.
    let token = try await platform.register("anna", id: "register-\(mark)")
    try isLogged("register-\(mark)", by: .gateway, .auth, .users)

    let bearer = ["Authorization": "Bearer \(token)"]
    let given = bearer.merging(["X-Request-Id": "deck-\(mark)"]) { $1 }
    let made = try await platform.ask(.gateway, "POST", "/decks/decks/", #"{"title": "T"}"#, headers: given)
    #expect(made.status == 201 && made.requestID == "deck-\(mark)", "\(made)")
    try isLogged("deck-\(mark)", by: .gateway, .decks)

    // One that nobody gave, and one that is none.
    for headers in [bearer, bearer.merging(["X-Request-Id": "no id, “at all”"]) { $1 }] {
      let missed = try await platform.ask(.gateway, "GET", "/decks/decks/4711/", headers: headers)
      #expect(missed.status == 404 && missed.requestID.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) != nil, "\(missed)")
      #expect(try missed.member("error", "request_id") == missed.requestID)
      try isLogged(missed.requestID, by: .gateway, .decks)
    }

    // Analytics answers managers; their rights stand in a token.
    let path = "/analytics/v1/query"
    #expect(try await platform.ask(.gateway, "POST", path, Self.question).status == 401)
    #expect(try await platform.ask(.gateway, "POST", path, Self.question, headers: bearer).status == 403)
    try databases.users.admin.sql("UPDATE users SET is_manager = true")
    let manager = ["Authorization": "Bearer \(try await platform.logIn("anna"))", "X-Request-Id": "query-\(mark)"]
    let answer = try await platform.ask(.gateway, "POST", path, Self.question, headers: manager)
    #expect(answer.status == 200 && answer.requestID == "query-\(mark)", "\(answer)")
    try isLogged("query-\(mark)", by: .gateway, .analytics)
    try databases.clickHouse.admin.execute("SYSTEM FLUSH LOGS")
    let queries = try databases.clickHouse.admin.text(
      """
      SELECT count(), countIf(startsWith(query_id, 'query-\(mark)-')) FROM system.query_log
      WHERE log_comment = 'query-\(mark)' AND type = 'QueryFinish' FORMAT TabSeparated
      """)
    let counts = queries.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    #expect(counts.count == 2 && counts[0] > 0 && counts[0] == counts[1], "\(queries)")
  }

  /// What the gateway says is believed from the gateway only.
  @Test(.timeLimit(.minutes(3))) func nobodyIsAManagerByHisOwnWord() async throws {
    let databases = try PlatformDatabases()
    let platform = try await databases.platform()
    let manager = ["X-User-Id": "1", "X-User-Ismanager": "1"]
    func status(_ headers: [String: String]) async throws -> Int {
      try await platform.ask(.analytics, "POST", "/api/v1/query", Self.question, headers: headers).status
    }
    let secret = ["X-Gateway-Auth": "local-gateway-secret"]
    #expect(try await status(manager.merging(secret) { $1 }) == 200)
    #expect(try await status(manager) == 401)
    #expect(try await status(manager.merging(["X-Gateway-Auth": "local-gateway-secreT"]) { $1 }) == 401)
    #expect(try await status(secret) == 401)
    #expect(try await status(secret.merging(["X-User-Id": "1", "X-User-Ismanager": "0"]) { $1 }) == 403)
    // The token of a person is no key, and a key no person.
    let key = ["Authorization": "Bearer local-dashboard-key"]
    #expect(try await status(key) == 200)
    #expect(try await status(key.merging(secret) { $1 }) == 401)
  }

  /// The well-known secret of the local platform opens nothing elsewhere, and a short one is no secret.
  @Test(.timeLimit(.minutes(1))) func elsewhereNobodyComesThroughAGatewayWithoutASecret() async throws {
    let elsewhere = [
      "KARTOTEKA_ENV": "production", "ANALYTICS_SERVICE_KEYS": "page:0123456789abcdef", "LOG_FORMAT": "json",
      "CLICKHOUSE_PASSWORD_READER": "of-its-own", "DRAIN_SECONDS": "0",
    ]
    let short = try Kartoteka.run(
      ["analytics", "--port", "0"], environment: elsewhere.merging(["GATEWAY_SECRET": "short"]) { $1 })
    #expect(short.status == 1 && short.errors.contains("GATEWAY_SECRET"), "\(short.errors)")
    let analytics = try Kartoteka(["analytics", "--port", "0"], environment: elsewhere)
    #expect(eventually(within: 30) { analytics.errors.contains("\"url\"") }, "\(analytics.errors)")
    let url = try #require(analytics.errors.firstMatch(of: #/"url":"(http[^"]+)\/"/#)?.1)
    let manager = ["X-Gateway-Auth": "local-gateway-secret", "X-User-Id": "1", "X-User-Ismanager": "1"]
    let answer = try await PlainRequest.send(
      "POST", "\(url)/api/v1/query", headers: manager, body: Array(Self.question.utf8))
    #expect(answer.status == 401)
    analytics.signal(SIGTERM)
    #expect(analytics.wait(seconds: 30) == 0)
  }
}
